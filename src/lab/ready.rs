//! Waiting for a server: until it answers, and until it has come to a halt.

use super::{Error, Process};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// An anonymous simple bind (RFC 4511 §4.2), message 1: enough to be answered by a server that is ready.
const ANONYMOUS_BIND: [u8; 14] = [0x30, 12, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0];

/// Waits until a server that was just started answers; its log says why it does not.
pub(super) fn wait(
    program: &'static str,
    process: &mut Process,
    log: &Path,
    patience: Duration,
    answers: impl Fn() -> bool,
) -> Result<(), Error> {
    let give_up = Instant::now() + patience;
    while process.is_running() && Instant::now() < give_up {
        if answers() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let tail: Vec<&str> = text.lines().rev().take(8).collect();
    let output = tail.into_iter().rev().collect::<Vec<_>>().join(" | ");
    Err(Error::NotReady { program, seconds: patience.as_secs(), log: log.to_owned(), output })
}

/// Whether an LDAP server answers on this socket.
pub(super) fn answers(socket: &Path) -> bool {
    let Ok(mut stream) = UnixStream::connect(socket) else { return false };
    let mut first = [0];
    stream.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && stream.write_all(&ANONYMOUS_BIND).is_ok()
        && stream.read_exact(&mut first).is_ok()
}

/// Waits until every thread of a process is halted, or the process is gone.
pub(super) fn wait_halted(pid: u32, patience: Duration) {
    let give_up = Instant::now() + patience;
    while !has_halted(pid) && Instant::now() < give_up {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether every thread of a process is halted, or the process is gone.
fn has_halted(pid: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    let stat = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
    threads.flatten().map(stat).all(|stat| stat.is_empty() || stat.contains(") T "))
}
