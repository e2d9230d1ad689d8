//! Free ports on loopback.

use super::Error;
use std::net::{Ipv4Addr, TcpListener};

/// Ports to try: below the range from which the system takes the near end of outgoing connections, so that a stopped
/// server finds its port free when it is started again.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// Two different ports that nothing listens on now.
pub(super) fn two_free() -> Result<(u16, u16), Error> {
    for _ in 0..100 {
        // held until both are found, so that they differ
        let held: Vec<TcpListener> = (0..2).filter_map(|_| listen(random()?)).collect();
        if let [Ok(one), Ok(two)] = held.iter().map(TcpListener::local_addr).collect::<Vec<_>>().as_slice() {
            return Ok((one.port(), two.port()));
        }
    }
    Err(Error::io("find a free port")(std::io::ErrorKind::AddrInUse.into()))
}

/// A random port of the range.
fn random() -> Option<u16> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).ok()?;
    Some(RANGE.start + u16::from_ne_bytes(bytes) % (RANGE.end - RANGE.start))
}

/// Listens on a port if it is free.
fn listen(port: u16) -> Option<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_are_free() {
        let (one, two) = two_free().unwrap();
        assert_ne!(one, two);
        assert!(RANGE.contains(&one) && RANGE.contains(&two));
        assert!(listen(one).is_some() && listen(two).is_some());
    }
}
