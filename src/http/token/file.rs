//! The token file: TOML in, TOML out, replaced as a whole so that no reader sees half of it.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use jiff::Timestamp;
use toml::{Table, Value};

use super::{Allow, Error, Token, TokenName, TokenSet};

/// What the rendered file says about itself.
const HEADER: &str = "# Written by `scim-ldap-bridge token`. Holds hashes only; a lost token cannot be recovered.\n";

impl TokenSet {
    /// Reads the token file's text, naming every fault.
    pub fn parse(text: &str) -> Result<TokenSet, Vec<String>> {
        // the parser's own message quotes the line, which may hold a hash
        let mut root: Table = toml::from_str(text).map_err(|e: toml::de::Error| {
            let at = e.span().map_or(0, |span| span.start);
            let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
            vec![format!("line {line}: not valid TOML: {}", e.message())]
        })?;
        let mut faults = Vec::new();
        let tokens = match root.remove("token") {
            None => Table::new(),
            Some(Value::Table(tokens)) => tokens,
            Some(_) => return Err(vec!["`token` must hold tables like `[token.entra-hr]`".into()]),
        };
        faults.extend(root.keys().map(|key| format!("unknown key `{key}`, expected `[token.<name>]`")));
        let mut set = TokenSet::default();
        for (name, value) in tokens {
            if let Some(token) = Fields::of(&name, value, &mut faults).and_then(Fields::token) {
                set.0.push(token);
            }
        }
        same_hash(&set, &mut faults);
        if faults.is_empty() { Ok(set) } else { Err(faults) }
    }

    /// The token file's text.
    pub fn render(&self) -> String {
        let mut tokens = Table::new();
        for token in &self.0 {
            let mut t = Table::new();
            let mut put = |key: &str, value: Option<String>| {
                if let Some(value) = value {
                    t.insert(key.into(), Value::String(value));
                }
            };
            put("endpoint", Some(token.endpoint.clone()));
            put("allow", Some(token.allow.to_string()));
            put("description", token.description.clone());
            put("created", token.created.map(|at| at.to_string()));
            put("expires", token.expires.map(|at| at.to_string()));
            put("sha256", Some(hex(&token.sha256)));
            tokens.insert(token.name.to_string(), Value::Table(t));
        }
        let root = Table::from_iter([("token".to_owned(), Value::Table(tokens))]);
        format!("{HEADER}\n{root}")
    }

    /// Reads the token file; one that is not there holds no tokens.
    pub fn read(path: &Path) -> Result<TokenSet, Error> {
        match std::fs::read_to_string(path) {
            Ok(text) => TokenSet::parse(&text).map_err(|faults| Error::Tokens { path: path.to_owned(), faults }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(TokenSet::default()),
            Err(source) => Err(Error::File { what: "read", path: path.to_owned(), source }),
        }
    }
}

/// Changes the token file: read, change, replace. Two administrators at once are kept apart by a lock.
pub fn update<T>(path: &Path, change: impl FnOnce(&mut TokenSet) -> Result<T, Error>) -> Result<T, Error> {
    let failed = |source| Error::File { what: "write", path: path.to_owned(), source };
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let lock = std::fs::File::open(dir).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let mut set = TokenSet::read(path)?;
    let result = change(&mut set)?;
    replace(path, dir, &set.render()).map_err(failed)?;
    Ok(result)
}

/// Writes beside the file and renames over it, keeping owner and mode so that the service can still read it.
fn replace(path: &Path, dir: &Path, text: &str) -> std::io::Result<()> {
    let mut temp = tempfile::Builder::new().prefix(".tokens").tempfile_in(dir)?;
    temp.write_all(text.as_bytes())?;
    let (mode, uid, gid) = match std::fs::metadata(path) {
        Ok(old) => (old.mode() & 0o777, Some(old.uid()), Some(old.gid())),
        // a new file belongs to whoever made it and may be read by the directory's group
        Err(_) => (0o640, None, std::fs::metadata(dir).ok().map(|d| d.gid())),
    };
    if let Err(error) = fchown(temp.as_file(), uid, gid) {
        let (uid, gid) = (uid.unwrap_or(0), gid.unwrap_or(0));
        tracing::warn!(%error, uid, gid, "cannot keep the owner of the token file");
    }
    temp.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    temp.as_file().sync_all()?;
    temp.persist(path).map_err(|e| e.error)?;
    std::fs::File::open(dir)?.sync_all()
}

/// Two names for one token would hide who is calling.
fn same_hash(set: &TokenSet, faults: &mut Vec<String>) {
    for (i, token) in set.0.iter().enumerate() {
        if let Some(twin) = set.0[..i].iter().find(|t| t.sha256 == token.sha256) {
            faults.push(format!("token `{}` and token `{}` are the same token", twin.name, token.name));
        }
    }
}

/// One `[token.<name>]` table while it is read.
struct Fields<'a> {
    name: TokenName,
    table: Table,
    faults: &'a mut Vec<String>,
}

impl<'a> Fields<'a> {
    /// The table and its checked name.
    fn of(name: &str, value: Value, faults: &'a mut Vec<String>) -> Option<Fields<'a>> {
        match (TokenName::new(name), value) {
            (Ok(name), Value::Table(table)) => Some(Fields { name, table, faults }),
            (Err(e), _) => {
                faults.push(e.to_string());
                None
            }
            (Ok(name), _) => {
                faults.push(format!("token `{name}` must be a table"));
                None
            }
        }
    }

    /// The token, when no field has a fault.
    fn token(mut self) -> Option<Token> {
        let before = self.faults.len();
        let sha256 = self.required("sha256").and_then(|text| self.hash(&text));
        let endpoint = self.required("endpoint");
        let allow = self.required("allow").and_then(|text| self.checked("allow", text.parse()));
        let description = self.text("description");
        let created = self.time("created");
        let expires = self.time("expires");
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        for key in unknown {
            self.fault(format!("unknown key `{key}`"));
        }
        if self.faults.len() > before {
            return None;
        }
        Some(Token {
            name: self.name,
            endpoint: endpoint?,
            allow: allow?,
            description,
            created,
            expires,
            sha256: sha256?,
        })
    }

    /// A text that must be there.
    fn required(&mut self, key: &str) -> Option<String> {
        if !self.table.contains_key(key) {
            self.fault(format!("`{key}` is missing"));
        }
        self.text(key)
    }

    /// A text that may be there; its value is not repeated in a fault, since it may be pasted in the wrong place.
    fn text(&mut self, key: &str) -> Option<String> {
        match self.table.remove(key)? {
            Value::String(text) => Some(text),
            Value::Datetime(at) => Some(at.to_string()),
            other => {
                self.fault(format!("`{key}` must be a string, found {}", other.type_str()));
                None
            }
        }
    }

    /// A point in time per RFC 3339.
    fn time(&mut self, key: &str) -> Option<Timestamp> {
        let text = self.text(key)?;
        let time = text.parse::<Timestamp>();
        if time.is_err() {
            self.fault(format!("`{key}` must be a time like `2027-01-31T00:00:00Z`"));
        }
        time.ok()
    }

    /// The hash, as 64 hexadecimal digits.
    fn hash(&mut self, text: &str) -> Option<[u8; 32]> {
        let hash = unhex(text);
        if hash.is_none() {
            self.fault("`sha256` must be 64 hexadecimal digits".into());
        }
        hash
    }

    /// Notes the fault of a value that did not parse.
    fn checked(&mut self, key: &str, value: Result<Allow, Error>) -> Option<Allow> {
        if value.is_err() {
            self.fault(format!("`{key}` must be `read` or `write`"));
        }
        value.ok()
    }

    /// Notes a fault under the token's name.
    fn fault(&mut self, what: String) {
        self.faults.push(format!("token `{}`: {what}", self.name));
    }
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// 32 bytes from 64 hexadecimal digits of either case.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    <[u8; 32]>::try_from(bytes).ok().filter(|_| digits.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::super::{NewToken, TokenText};
    use super::*;

    fn sample() -> TokenSet {
        let mut set = TokenSet::default();
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let new = NewToken {
            name: TokenName::new("entra-hr").unwrap(),
            endpoint: "hr".into(),
            allow: Allow::Read,
            description: Some("with \"quotes\"\nand lines".into()),
            expires: Some("2027-11-22T10:00:00Z".parse().unwrap()),
        };
        set.add(new, &TokenText::from_random([7; 32]), now).unwrap();
        set
    }

    #[test]
    fn render_reads_back() {
        let text = sample().render();
        assert_eq!(TokenSet::parse(&text).unwrap(), sample(), "{text}");
        assert!(!text.contains("slb_"), "{text}");
    }

    #[test]
    fn all_faults_are_named_and_none_shows_a_hash() {
        let hash = "ab".repeat(32);
        let text = format!(
            "x = 1\n[token.a]\nsha256 = \"{hash}\"\nallow = \"all\"\nendpoint = 3\n\
             [token.b]\nsha256 = \"{hash}0\"\nallow = \"read\"\nendpoint = \"hr\"\nexpires = \"soon\"\ncolour = 1\n\
             [token.\"a b\"]\n"
        );
        let faults = TokenSet::parse(&text).unwrap_err().join("\n");
        assert!(!faults.contains(&hash), "{faults}");
        let expected = "unknown key `x`, expected `[token.<name>]`\n\
            token `a`: `endpoint` must be a string, found integer\n\
            token `a`: `allow` must be `read` or `write`\n\
            token `b`: `sha256` must be 64 hexadecimal digits\n\
            token `b`: `expires` must be a time like `2027-01-31T00:00:00Z`\n\
            token `b`: unknown key `colour`\n\
            `a b` cannot name a token, expected 1 to 64 letters, digits, `.`, `_` or `-`";
        let mut found: Vec<&str> = faults.lines().collect();
        let mut expected: Vec<&str> = expected.lines().collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn broken_toml_and_twins_are_refused_without_the_hash() {
        let hash = "ab".repeat(32);
        let broken = format!("[token.a]\nsha256 = \"{hash}\n");
        let faults = TokenSet::parse(&broken).unwrap_err().join("\n");
        assert!(faults.starts_with("line 2: not valid TOML") && !faults.contains(&hash), "{faults}");
        let one = |name: &str| format!("[token.{name}]\nsha256=\"{hash}\"\nallow=\"read\"\nendpoint=\"hr\"\n");
        let faults = TokenSet::parse(&format!("{}{}", one("a"), one("b"))).unwrap_err();
        assert_eq!(faults, ["token `a` and token `b` are the same token"]);
    }

    #[test]
    fn update_replaces_the_file_and_keeps_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens.toml");
        update(&path, |set| {
            *set = sample();
            Ok(())
        })
        .unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&path), 0o640);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let name = TokenName::new("entra-hr").unwrap();
        update(&path, |set| set.revoke(&name)).unwrap();
        assert!(update(&path, |set| set.revoke(&name)).is_err());
        assert_eq!(mode(&path), 0o600);
        assert!(TokenSet::read(&path).unwrap().list().is_empty());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
