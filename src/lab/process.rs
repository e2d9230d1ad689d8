//! A child process that never outlives this one.
//!
//! The kernel's parent-death signal follows the thread that forked, not the process, and needs `unsafe`. Here a small
//! shell waits for the end of a pipe that only this process holds open: when it ends, however it was ended, the shell
//! kills the child and removes the child's folder.

use super::Error;
use rustix::process::{Pid, kill_process};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

pub use rustix::process::Signal;

/// What the watching shell runs: `$1` is the process, what follows are the paths to remove.
const WATCH: &str =
    r#"read -r _; kill -9 "$1" 2>/dev/null; shift; if [ $# -gt 0 ]; then sleep 0.2; rm -rf -- "$@"; fi"#;

/// A running child process; it is killed when this is dropped and when this process ends.
pub struct Process {
    child: Child,
    watchdog: Child,
}

impl Process {
    /// Starts a command in a process group of its own, so that Ctrl-C in a terminal reaches only us.
    ///
    /// `leftovers` (folders and files) are removed should this process be killed before it can do so itself.
    pub fn spawn<'a>(command: &mut Command, leftovers: impl IntoIterator<Item = &'a Path>) -> Result<Process, Error> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command.process_group(0).spawn().map_err(Error::io(format!("start `{name}`")))?;
        let watchdog = Command::new("/bin/sh")
            .args(["-c", WATCH, "watchdog", &child.id().to_string()])
            .args(leftovers)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match watchdog {
            Ok(watchdog) => Ok(Process { child, watchdog }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(Error::io("start a watching shell")(error))
            }
        }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The first line that the child writes to its piped standard output, for as long as `patience` lasts.
    ///
    /// `None` when it ends or is silent. What it writes later is read and dropped, so that it never waits for us.
    pub fn first_line(&mut self, patience: Duration) -> Option<String> {
        let mut lines = BufReader::new(self.child.stdout.take()?).lines().map_while(Result::ok);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            if let Some(line) = lines.next() {
                let _ = sender.send(line);
            }
            lines.for_each(drop);
        });
        receiver.recv_timeout(patience).ok()
    }

    /// Sends a signal, unless the process has ended.
    pub fn signal(&mut self, signal: Signal) {
        // once it has been waited for, its number may be another process's
        if !self.is_running() {
            return;
        }
        if let Some(pid) = i32::try_from(self.pid()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Asks the process to end (SIGTERM) and waits; kills it when it takes longer than `patience`.
    ///
    /// Returns whether it ended with code 0 by itself.
    pub fn stop(&mut self, patience: Duration) -> bool {
        self.signal(Signal::CONT);
        self.signal(Signal::TERM);
        let give_up = Instant::now() + patience;
        while Instant::now() < give_up {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        false
    }

    /// Kills the process (SIGKILL) and waits for its end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
impl Process {
    /// Does what the kernel does when the owner is killed.
    pub(super) fn abandon(&mut self) {
        drop(self.watchdog.stdin.take());
    }

    /// Waits until an abandoned process has ended and what it leaves behind is gone; says whether that came about.
    pub(super) fn is_gone(&mut self, leftovers: &[&Path]) -> bool {
        let give_up = Instant::now() + Duration::from_secs(20);
        let mut left = true;
        while left && Instant::now() < give_up {
            std::thread::sleep(Duration::from_millis(10));
            left = self.is_running() || leftovers.iter().any(|path| path.exists());
        }
        !left
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a process with this number exists and is no zombie.
    fn alive(pid: u32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    #[test]
    fn stopping_and_dropping_end_the_child() {
        let mut one = Process::spawn(Command::new("sleep").arg("60"), None).unwrap();
        assert!(one.is_running());
        assert!(!one.stop(Duration::from_secs(5)), "SIGTERM is no code 0");
        assert!(!one.is_running());
        let two = Process::spawn(Command::new("sleep").arg("60"), None).unwrap();
        let pid = two.pid();
        drop(two);
        assert!(!alive(pid));
    }

    #[test]
    fn the_first_line_comes_in_time_or_not_at_all() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            let mut process = Process::spawn(command.args(["-c", script]).stdout(Stdio::piped()), None).unwrap();
            process.first_line(Duration::from_millis(300))
        };
        assert_eq!(shell("echo ready; echo more; sleep 60").as_deref(), Some("ready"));
        assert_eq!(shell("exit 3"), None);
        assert_eq!(shell("sleep 60"), None);
    }

    #[test]
    fn the_child_and_its_folder_go_when_the_owner_is_killed() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let mut process = Process::spawn(Command::new("sleep").arg("60"), Some(inner.as_path())).unwrap();
        process.abandon();
        assert!(process.is_gone(&[&inner]));
    }
}
