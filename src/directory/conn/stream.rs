//! Opens sockets to directory servers, so that every address is tried, nothing waits for ever, and a dead peer is
//! noticed.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ldap3::StdStream;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpSocket, UnixStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use crate::directory::failure::{Failure, Reason};
use crate::directory::url::Place;

/// A silent peer is asked after this time whether it still lives.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// How long to wait before asking again.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// After how many unanswered questions the peer is taken for dead.
const KEEPALIVE_RETRIES: u32 = 3;

/// How long sent octets may stay unacknowledged before the peer is taken for dead.
const USER_TIMEOUT: Duration = Duration::from_secs(20);

/// Opens a socket before the deadline.
pub(super) async fn connect(place: &Place, deadline: Instant) -> Result<StdStream, Failure> {
    match place {
        Place::Tcp { host, port, .. } => tcp(host, *port, deadline).await,
        Place::Unix(path) => unix(path, deadline).await,
    }
}

/// Tries every address of a host in turn, each with its share of the time that is left.
async fn tcp(host: &str, port: u16, deadline: Instant) -> Result<StdStream, Failure> {
    let found = timeout_at(deadline, lookup_host((host, port))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return Err(Failure::new(Reason::Resolve, format!("`{host}` cannot be resolved: {error}"))),
        Err(_) => return Err(Failure::new(Reason::Resolve, format!("`{host}` was not resolved in time"))),
    };
    let mut last = Failure::new(Reason::Resolve, format!("`{host}` has no address"));
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - tried).unwrap_or(1);
        match timeout_at(Instant::now() + share, open(*address)).await {
            Ok(Ok(stream)) => return Ok(StdStream::Tcp(stream)),
            Ok(Err(error)) => last = Failure::new(Reason::Connect, format!("{address}: {error}")),
            Err(_) => last = Failure::new(Reason::Timeout, format!("{address}: no connection in time")),
        }
    }
    Err(last)
}

async fn open(address: SocketAddr) -> io::Result<std::net::TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&keepalive())?;
    let stream = TcpSocket::from_std_stream(socket.into()).connect(address).await?;
    SockRef::from(&stream).set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    stream.into_std()
}

fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL).with_retries(KEEPALIVE_RETRIES)
}

async fn unix(path: &Path, deadline: Instant) -> Result<StdStream, Failure> {
    let failed = |error: io::Error| Failure::new(Reason::Connect, format!("{}: {error}", path.display()));
    match timeout_at(deadline, UnixStream::connect(path)).await {
        Ok(stream) => stream.and_then(UnixStream::into_std).map(StdStream::Unix).map_err(failed),
        Err(_) => Err(Failure::new(Reason::Timeout, format!("{}: no connection in time", path.display()))),
    }
}
