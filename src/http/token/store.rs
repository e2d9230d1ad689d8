//! The tokens in use, refreshed when the file changes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::{Error, TokenSet};
use crate::http::stamp::Stamp;

/// The tokens in use.
pub struct TokenStore {
    path: PathBuf,
    current: ArcSwap<TokenSet>,
    seen: Mutex<Stamp>,
}

impl TokenStore {
    /// Reads the file; a faulty one is an error, an absent one means that nobody is let in yet.
    pub fn open(path: PathBuf) -> Result<TokenStore, Error> {
        let stamp = Stamp::of(&path);
        let set = TokenSet::read(&path)?;
        if set.list().is_empty() {
            tracing::warn!(file = %path.display(), "no tokens yet: every request will be answered 401");
        }
        Ok(TokenStore { path, current: ArcSwap::from_pointee(set), seen: Mutex::new(stamp) })
    }

    /// The tokens in use now.
    pub fn current(&self) -> Arc<TokenSet> {
        self.current.load_full()
    }

    /// Reads the file again when it has changed; true when the tokens were exchanged.
    ///
    /// The old tokens stay in use when the file is faulty, gone or without a single byte, as it is for a moment when it
    /// is copied over rather than replaced.
    pub fn refresh(&self) -> Result<bool, Error> {
        let stamp = Stamp::of(&self.path);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == stamp {
            return Ok(false);
        }
        *seen = stamp;
        drop(seen);
        self.reload().map(|()| true)
    }

    /// Reads the file again whether it has changed or not.
    pub fn reload(&self) -> Result<(), Error> {
        let text = std::fs::read_to_string(&self.path);
        let text = text.and_then(|text| match text.is_empty() {
            false => Ok(text),
            true => Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "it is empty")),
        });
        let text = text.map_err(|source| Error::File { what: "read", path: self.path.clone(), source })?;
        let set = TokenSet::parse(&text).map_err(|faults| Error::Tokens { path: self.path.clone(), faults })?;
        self.current.store(Arc::new(set));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Allow, NewToken, TokenName, TokenText, update};
    use super::*;

    #[test]
    fn a_changed_file_takes_effect_and_a_broken_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens.toml");
        let store = TokenStore::open(path.clone()).unwrap();
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let text = TokenText::from_random([1; 32]);
        let new = NewToken {
            name: TokenName::new("a").unwrap(),
            endpoint: "hr".into(),
            allow: Allow::Write,
            description: None,
            expires: None,
        };
        update(&path, |set| set.add(new, &text, now)).unwrap();
        assert!(store.current().list().is_empty());
        assert!(store.refresh().unwrap());
        assert!(!store.refresh().unwrap());
        assert!(store.current().verify(text.expose(), "hr", now).is_ok());
        std::fs::write(&path, "[token.a]\n").unwrap();
        assert!(store.refresh().is_err());
        assert!(!store.refresh().unwrap(), "a broken file is reported once");
        std::fs::write(&path, "").unwrap();
        assert!(store.refresh().is_err(), "an empty file shuts nobody out");
        std::fs::remove_file(&path).unwrap();
        assert!(store.refresh().is_err());
        assert!(store.current().verify(text.expose(), "hr", now).is_ok());
    }
}
