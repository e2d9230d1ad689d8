//! Tells whether a file was changed or replaced, without reading it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What changes about a file when it is written, replaced or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(Option<(u64, u64, u64, i64, i64)>);

impl Stamp {
    /// The stamp of the file as it is now; a file that is not there has one too.
    pub(super) fn of(path: &Path) -> Stamp {
        Stamp(std::fs::metadata(path).ok().map(|m| {
            (
                m.dev(),
                m.ino(),
                m.size(),
                m.mtime(),
                // a file written twice within one second differs here
                m.mtime_nsec(),
            )
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_shows() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let absent = Stamp::of(&path);
        std::fs::write(&path, "a").unwrap();
        let first = Stamp::of(&path);
        assert_ne!(absent, first);
        assert_eq!(first, Stamp::of(&path));
        std::fs::write(&path, "ab").unwrap();
        let second = Stamp::of(&path);
        assert_ne!(first, second);
        let other = dir.path().join("g");
        std::fs::write(&other, "ab").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_ne!(second, Stamp::of(&path));
    }
}
