//! Times as Windows counts them: hundreds of nanoseconds since the first of January 1601, in UTC.

use jiff::{SignedDuration, Timestamp};

/// From that day to the Unix epoch, in seconds.
const EPOCH: i64 = 11_644_473_600;

/// Ticks in a second.
const TICKS: i64 = 10_000_000;

/// What Active Directory writes for an account that does not expire (MS-ADA1, accountExpires).
const NEVER: &str = "9223372036854775807";

/// The word for it in mappings.
const NEVER_WORD: &str = "never";

pub(super) fn to_ldap(text: &str) -> Result<String, &'static str> {
    if text == NEVER_WORD {
        return Ok(NEVER.to_owned());
    }
    let time: Timestamp = text.parse().map_err(|_| "not a time of RFC 3339")?;
    let since = time.duration_since(Timestamp::UNIX_EPOCH);
    let seconds = since.as_secs().checked_add(EPOCH).and_then(|seconds| seconds.checked_mul(TICKS));
    let ticks = seconds.and_then(|ticks| ticks.checked_add(i64::from(since.subsec_nanos() / 100)));
    ticks.filter(|ticks| *ticks > 0).map(|ticks| ticks.to_string()).ok_or("not a time since 1601")
}

/// Neither zero nor the greatest number is a time: both mean that there is none.
pub(super) fn to_scim(text: &str) -> Option<String> {
    let ticks: i64 = text.parse().ok().filter(|ticks| *ticks > 0 && *ticks < i64::MAX)?;
    let since = SignedDuration::new(ticks / TICKS - EPOCH, i32::try_from(ticks % TICKS * 100).ok()?);
    Timestamp::UNIX_EPOCH.checked_add(since).ok().map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_never_is_no_time() {
        assert_eq!(to_ldap("never").as_deref(), Ok(NEVER));
        for stored in [NEVER, "0", "-1", "", "soon"] {
            assert_eq!(to_scim(stored), None, "{stored}");
        }
        assert_eq!(to_scim("1").as_deref(), Some("1601-01-01T00:00:00.0000001Z"));
        assert_eq!(to_scim("116444736000000000").as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(to_ldap("1969-12-31T23:59:59.5Z").as_deref(), Ok("116444735995000000"));
        assert!(to_ldap("1600-01-01T00:00:00Z").is_err());
        assert!(to_ldap("soon").is_err());
    }
}
