//! Two directory servers that hold the same entries, ids included.

use scim_ldap_bridge::lab::{Builder, Ca, Slapd};
use std::path::Path;
use tempfile::TempDir;

/// Two servers with certificates of one authority, filled alike; they replicate only if they are told to.
pub(crate) struct Twins {
    /// The preferred one.
    pub(crate) first: Slapd,
    /// The other one.
    pub(crate) second: Slapd,
    _folders: [TempDir; 2],
}

impl Twins {
    /// Makes a server, lets `fill` write to it, copies it, and starts both as `first` and `second` say.
    pub(crate) async fn make(
        first: impl Fn(Builder) -> Builder,
        second: impl Fn(Builder, &Slapd) -> Builder,
        fill: impl AsyncFn(&Slapd),
    ) -> Twins {
        let folders = [TempDir::with_prefix("twin-").unwrap(), TempDir::with_prefix("twin-").unwrap()];
        let ca = Ca::new("twins").unwrap();
        let builder = |folder: &Path| Slapd::builder().folder(folder).certificate(&ca.pem(), ca.local().unwrap());
        let mut filled = builder(folders[0].path()).start().unwrap();
        fill(&filled).await;
        filled.stop();
        let (from, to) = (folders[0].path().join("db"), folders[1].path().join("db"));
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(from.join("data.mdb"), to.join("data.mdb")).unwrap();
        // the account of the bridge is an entry: its password is in the data, and not that of these builders
        let password = filled.bridge().1.to_owned();
        drop(filled);
        let first = first(builder(folders[0].path())).bridge_password(&password).start().unwrap();
        let second = second(builder(folders[1].path()), &first).bridge_password(&password).start().unwrap();
        Twins { first, second, _folders: folders }
    }

    /// The addresses in order.
    pub(crate) fn urls(&self) -> [String; 2] {
        [self.first.tls_url(), self.second.tls_url()]
    }
}
