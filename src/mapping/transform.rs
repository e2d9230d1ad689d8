//! The table of transforms: how one value is spelled on each side.
//!
//! A transform works on text. Booleans, numbers and times of SCIM are text here already (`true`, `7`, RFC 3339).
//! To add one: a row in [`TRANSFORMS`], its lines in the test below, a row in `docs/mapping.md`.

mod filetime;

use jiff::{Timestamp, fmt::strtime, tz::TimeZone};

/// One way to spell a value in LDAP.
#[derive(Debug)]
pub struct Transform {
    /// The name that mappings use.
    pub name: &'static str,
    /// What it does, for the documentation and for hints.
    pub doc: &'static str,
    /// Whether what was written reads back as what was sent. Others make Entra send the same change again.
    pub round_trips: bool,
    to_ldap: fn(&str) -> Result<String, &'static str>,
    to_scim: fn(&str) -> Option<String>,
}

/// All transforms, by name.
pub static TRANSFORMS: &[Transform] = &[
    Transform { name: "text", doc: "as it is", round_trips: true, to_ldap: same, to_scim: same_back },
    Transform {
        name: "boolean",
        doc: "`true` and `false` as `TRUE` and `FALSE` (RFC 4517 section 3.3.3)",
        round_trips: true,
        to_ldap: boolean_to_ldap,
        to_scim: boolean_to_scim,
    },
    Transform {
        name: "generalized-time",
        doc: "a time as generalizedTime in UTC (RFC 4517 section 3.3.13)",
        round_trips: true,
        to_ldap: time_to_ldap,
        to_scim: time_to_scim,
    },
    Transform {
        name: "filetime",
        doc: "a time as hundreds of nanoseconds since 1601 (MS-DTYP section 2.3.3); the word `never` is written as the \
            number that Active Directory takes for it, which is no time and not shown",
        round_trips: true,
        to_ldap: filetime::to_ldap,
        to_scim: filetime::to_scim,
    },
    Transform {
        name: "postal-address",
        doc: "lines separated by `$` (RFC 4517 section 3.3.28)",
        round_trips: true,
        to_ldap: postal_to_ldap,
        to_scim: postal_to_scim,
    },
    Transform {
        name: "lowercase",
        doc: "written in lower case; does not read back as sent",
        round_trips: false,
        to_ldap: lowercase,
        to_scim: same_back,
    },
    Transform {
        name: "uppercase",
        doc: "written in upper case; does not read back as sent",
        round_trips: false,
        to_ldap: uppercase,
        to_scim: same_back,
    },
];

impl Transform {
    /// The transform called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        TRANSFORMS.iter().find(|t| t.name == name)
    }

    /// The LDAP spelling of `text`, or what is wrong with it.
    pub fn to_ldap(&self, text: &str) -> Result<String, &'static str> {
        (self.to_ldap)(text)
    }

    /// The SCIM spelling of a stored value; `None` when the stored value is not of this form.
    pub fn to_scim(&self, text: &str) -> Option<String> {
        (self.to_scim)(text)
    }
}

fn same(text: &str) -> Result<String, &'static str> {
    Ok(text.to_owned())
}

fn same_back(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn lowercase(text: &str) -> Result<String, &'static str> {
    Ok(text.to_lowercase())
}

fn uppercase(text: &str) -> Result<String, &'static str> {
    Ok(text.to_uppercase())
}

fn boolean_to_ldap(text: &str) -> Result<String, &'static str> {
    match text {
        "true" => Ok("TRUE".to_owned()),
        "false" => Ok("FALSE".to_owned()),
        _ => Err("not a boolean"),
    }
}

fn boolean_to_scim(text: &str) -> Option<String> {
    match text.to_ascii_uppercase().as_str() {
        "TRUE" => Some("true".to_owned()),
        "FALSE" => Some("false".to_owned()),
        _ => None,
    }
}

fn time_to_ldap(text: &str) -> Result<String, &'static str> {
    let time: Timestamp = text.parse().map_err(|_| "not a time of RFC 3339")?;
    Ok(generalized_time(time))
}

fn time_to_scim(text: &str) -> Option<String> {
    parse_generalized_time(text).map(|time| time.to_string())
}

/// `time` as generalizedTime in UTC, to the second unless it has a fraction.
pub fn generalized_time(time: Timestamp) -> String {
    let format = if time.subsec_nanosecond() == 0 { "%Y%m%d%H%M%SZ" } else { "%Y%m%d%H%M%S%.fZ" };
    strtime::format(format, &time.to_zoned(TimeZone::UTC)).unwrap_or_else(|_| time.to_string())
}

/// The instant of a generalizedTime; minutes, seconds and a fraction may be absent (RFC 4517 section 3.3.13).
pub fn parse_generalized_time(text: &str) -> Option<Timestamp> {
    let formats = ["%Y%m%d%H%M%S%.f%z", "%Y%m%d%H%M%S%z", "%Y%m%d%H%M%z", "%Y%m%d%H%z"];
    let text = match text.strip_suffix('Z') {
        Some(local) => format!("{}+0000", local.replace(',', ".")),
        None => text.replace(',', "."),
    };
    formats.iter().find_map(|format| Timestamp::strptime(format, &text).ok())
}

fn postal_to_ldap(text: &str) -> Result<String, &'static str> {
    let escaped = text.replace('\\', "\\5C").replace('$', "\\24");
    Ok(escaped.replace("\r\n", "$").replace('\n', "$"))
}

fn postal_to_scim(text: &str) -> Option<String> {
    let lines = text.replace('$', "\n");
    Some(lines.replace("\\24", "$").replace("\\5C", "\\").replace("\\5c", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transform_is_what_it_says() {
        let lines = [
            ("text", " As it is ", " As it is "),
            ("boolean", "true", "TRUE"),
            ("boolean", "false", "FALSE"),
            ("generalized-time", "2026-11-22T01:02:03Z", "20261122010203Z"),
            ("generalized-time", "2026-11-22T01:02:03.25Z", "20261122010203.25Z"),
            ("filetime", "2026-11-22T01:02:03.0000001Z", "134397829230000001"),
            ("postal-address", "1 Main St\nSpringfield \\ $5", "1 Main St$Springfield \\5C \\245"),
            ("lowercase", "Jo", "jo"),
            ("uppercase", "Jo", "JO"),
        ];
        for (name, scim, ldap) in lines {
            let transform = Transform::named(name).expect("a known transform");
            assert_eq!(transform.to_ldap(scim).as_deref(), Ok(ldap), "{name}");
            if transform.round_trips {
                assert_eq!(transform.to_scim(ldap).as_deref(), Some(scim), "{name}");
            }
        }
        for transform in TRANSFORMS {
            assert!(lines.iter().any(|(name, ..)| *name == transform.name), "{} has no line", transform.name);
        }
    }

    #[test]
    fn stored_values_of_another_form_are_not_shown() {
        assert_eq!(Transform::named("boolean").expect("known").to_scim("maybe"), None);
        assert_eq!(parse_generalized_time("yesterday"), None);
        let time = parse_generalized_time("202611220102Z").map(|t| t.to_string());
        assert_eq!(time.as_deref(), Some("2026-11-22T01:02:00Z"));
        let time = parse_generalized_time("20261122010203+0100").map(|t| t.to_string());
        assert_eq!(time.as_deref(), Some("2026-11-22T00:02:03Z"));
    }
}
