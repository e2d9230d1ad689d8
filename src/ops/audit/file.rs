//! The file of the audit trail: appended to line by line, synced in the background.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::ops::metrics::Metrics;

/// How long written lines may wait for their sync: with the sync itself, less than the second that is promised.
const BATCH: Duration = Duration::from_millis(500);

/// An open audit file and the thread that syncs it; the thread ends when this is dropped.
pub(super) struct AuditFile {
    path: PathBuf,
    open: Arc<Mutex<Open>>,
    metrics: Metrics,
    /// Wakes the thread; a full channel means that it is awake already.
    written: SyncSender<()>,
}

/// The file as it is open now.
struct Open {
    file: File,
    /// A write failed half way, so the next line begins with a line break.
    torn: bool,
}

impl AuditFile {
    pub(super) fn open(path: PathBuf, metrics: Metrics) -> io::Result<Self> {
        let open = Arc::new(Mutex::new(Open { file: append_to(&path)?, torn: false }));
        let (written, wake) = sync_channel(1);
        let (shared, counter) = (Arc::clone(&open), metrics.clone());
        thread::Builder::new().name("audit-sync".to_owned()).spawn(move || sync_batches(&wake, &shared, &counter))?;
        Ok(Self { path, open, metrics, written })
    }

    /// Appends a line with one write, so that lines of several processes do not mix either.
    pub(super) fn append(&self, line: &[u8]) -> io::Result<()> {
        let mut open = lock(&self.open);
        if open.torn {
            open.file.write_all(b"\n")?;
        }
        open.torn = true;
        open.file.write_all(line)?;
        open.torn = false;
        drop(open);
        // An error means that a wake-up is already waiting, or that the process is ending.
        let _ = self.written.try_send(());
        Ok(())
    }

    pub(super) fn reopen(&self) -> io::Result<()> {
        self.sync();
        let file = append_to(&self.path)?;
        *lock(&self.open) = Open { file, torn: false };
        Ok(())
    }

    pub(super) fn sync(&self) {
        sync(&self.open, &self.metrics);
    }
}

impl Drop for AuditFile {
    fn drop(&mut self) {
        self.sync();
    }
}

fn sync_batches(wake: &Receiver<()>, open: &Mutex<Open>, metrics: &Metrics) {
    while wake.recv().is_ok() {
        thread::sleep(BATCH);
        sync(open, metrics);
    }
}

/// Syncs without holding the lock, so that a slow disk does not stop the writers.
fn sync(open: &Mutex<Open>, metrics: &Metrics) {
    let file = lock(open).file.try_clone();
    let synced = file.and_then(|file| file.sync_data());
    // A pipe or a device has nothing to sync and says so.
    if let Err(error) = synced.or_else(|e| if e.kind() == io::ErrorKind::InvalidInput { Ok(()) } else { Err(e) }) {
        metrics.audit_failed(&error);
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o640).open(path)
}

/// A panic of another thread does not make the file unusable.
fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
