//! One connection: handshake, HTTP/1 or HTTP/2, and the watch that closes it in time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::Request;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::Transport;
use super::activity::Activity;
use super::stream::Watched;
use crate::http::Limits;
use crate::ops::Metrics;

/// How long a connection that is being closed politely may take for it.
const FAREWELL: Duration = Duration::from_secs(1);

/// Everything one connection needs.
pub(super) struct Connection {
    pub(super) transport: Transport,
    pub(super) router: Router,
    pub(super) limits: Limits,
    pub(super) metrics: Option<Metrics>,
    pub(super) peer: SocketAddr,
    /// Finish what is in flight, then close.
    pub(super) stop: CancellationToken,
    /// Close now.
    pub(super) kill: CancellationToken,
}

impl Connection {
    /// Serves the connection until either side closes it.
    pub(super) async fn serve(self, socket: TcpStream) {
        let _open = self.metrics.as_ref().map(Metrics::connection_opened);
        // answers are written whole; waiting for more would only delay them
        let _ = socket.set_nodelay(true);
        match self.transport.clone() {
            Transport::Plain => self.http1(socket).await,
            Transport::Tls(certificate) => {
                if let Some(stream) = self.handshake(certificate.config().into(), socket).await {
                    match stream.get_ref().1.alpn_protocol() {
                        Some(b"h2") => self.http2(stream).await,
                        _ => self.http1(stream).await,
                    }
                }
            }
        }
    }

    /// The TLS stream, unless the client fails or takes too long.
    async fn handshake(&self, acceptor: TlsAcceptor, socket: TcpStream) -> Option<TlsStream<TcpStream>> {
        let handshake = tokio::time::timeout(self.limits.handshake_timeout, acceptor.accept(socket));
        let fault = tokio::select! {
            () = self.stop.cancelled() => return None,
            done = handshake => match done {
                Ok(Ok(stream)) => return Some(stream),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it took too long".into(),
            },
        };
        tracing::debug!(peer = %self.peer, %fault, "TLS handshake failed");
        if let Some(metrics) = &self.metrics {
            metrics.tls_handshake_failed();
        }
        None
    }

    /// Speaks HTTP/1.
    async fn http1<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) {
        let activity = Activity::new();
        let stream = TokioIo::new(Watched::http1(stream, activity.clone()));
        let mut builder = http1::Builder::new();
        // the watch below tells a slow head from a connection kept open; hyper's own timeout does not
        builder.timer(TokioTimer::new()).header_read_timeout(None);
        builder.max_header_size(self.limits.header);
        self.watch(builder.serve_connection(stream, self.door(&activity)), &activity).await;
    }

    /// Speaks HTTP/2, with limits against floods of streams, resets and headers.
    async fn http2<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) {
        let activity = Activity::new();
        let stream = TokioIo::new(Watched::http2(stream, activity.clone()));
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.limits.streams)
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(100)
            .max_header_list_size(u32::try_from(self.limits.header).unwrap_or(u32::MAX))
            .max_send_buf_size(256 * 1024);
        self.watch(builder.serve_connection(stream, self.door(&activity)), &activity).await;
    }

    /// Drives the connection, closing it when it is overdue, asked to stop or killed.
    async fn watch<C: Graceful>(&self, connection: C, activity: &Activity) {
        let mut connection = std::pin::pin!(connection);
        let mut leaving = false;
        let fault = loop {
            let look = Instant::now() + self.limits.header_timeout;
            let look = activity.deadline(&self.limits).map_or(look, |at| at.min(look));
            tokio::select! {
                ended = connection.as_mut() => break ended.err(),
                () = self.kill.cancelled() => return,
                () = self.stop.cancelled(), if !leaving => {
                    leaving = true;
                    connection.as_mut().leave();
                }
                () = tokio::time::sleep_until(look) => {
                    if activity.deadline(&self.limits).is_some_and(|at| at <= Instant::now()) {
                        tracing::debug!(peer = %self.peer, "connection closed: nothing came in time");
                        connection.as_mut().leave();
                        let _ = tokio::time::timeout(FAREWELL, connection).await;
                        return;
                    }
                }
            }
        };
        if let Some(error) = fault {
            tracing::debug!(peer = %self.peer, %error, "connection failed");
        }
    }

    /// What hyper calls for each request.
    fn door(&self, activity: &Activity) -> Door {
        Door { router: self.router.clone(), activity: activity.clone() }
    }
}

/// A connection that can be asked to finish.
trait Graceful: Future<Output = hyper::Result<()>> {
    /// Finish what is in flight; HTTP/2 says GOAWAY, HTTP/1 `Connection: close`.
    fn leave(self: Pin<&mut Self>);
}

impl<S: AsyncRead + AsyncWrite + Unpin> Graceful for http1::Connection<TokioIo<S>, Door> {
    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Graceful for http2::Connection<TokioIo<S>, Door, TokioExecutor> {
    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Hands each request to the router and notes that it is in flight.
#[derive(Clone)]
struct Door {
    router: Router,
    activity: Activity,
}

impl hyper::service::Service<Request<Incoming>> for Door {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let in_flight = self.activity.begin();
        let activity = self.activity.clone();
        let request = request.map(|body| Body::new(Received::new(body, activity)));
        let mut router = self.router.clone();
        Box::pin(async move {
            let answer = router.call(request).await;
            drop(in_flight);
            answer
        })
    }
}

/// A request body that notes when it was read to its end.
struct Received {
    body: Incoming,
    activity: Activity,
}

impl Received {
    fn new(body: Incoming, activity: Activity) -> Received {
        if http_body::Body::is_end_stream(&body) {
            activity.body_read();
        }
        Received { body, activity }
    }
}

impl http_body::Body for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.activity.body_read();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
