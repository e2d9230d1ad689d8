//! The SCIM error message, RFC 7644 section 3.12.
//!
//! `detail` is shown to the client, and so to the administrator in Entra's provisioning log: it says what to do and
//! holds no secret, bind DN or server address. `context` is for our own log only.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::name;

/// The `scimType` keywords of RFC 7644 table 9.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ScimType {
    /// The filter cannot be read, or pairs an attribute with an operator it does not have.
    InvalidFilter,
    /// The filter yields more than the server is willing to return.
    TooMany,
    /// A value that must be unique is already in use.
    Uniqueness,
    /// The change is not compatible with the attribute's mutability.
    Mutability,
    /// The message is not well formed.
    InvalidSyntax,
    /// The `path` of a PATCH operation is not well formed.
    InvalidPath,
    /// The `path` of a PATCH operation yields nothing that could be operated on.
    NoTarget,
    /// A value is missing, of the wrong type, or not acceptable.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request would put sensitive data in a URL.
    Sensitive,
}

impl ScimType {
    /// The keyword as it stands in the message.
    pub fn as_str(self) -> &'static str {
        match self {
            ScimType::InvalidFilter => "invalidFilter",
            ScimType::TooMany => "tooMany",
            ScimType::Uniqueness => "uniqueness",
            ScimType::Mutability => "mutability",
            ScimType::InvalidSyntax => "invalidSyntax",
            ScimType::InvalidPath => "invalidPath",
            ScimType::NoTarget => "noTarget",
            ScimType::InvalidValue => "invalidValue",
            ScimType::InvalidVers => "invalidVers",
            ScimType::Sensitive => "sensitive",
        }
    }
}

/// An error answer: status, keyword and text for the client, and what only our log may see.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Error {
    status: u16,
    scim_type: Option<ScimType>,
    detail: String,
    context: Option<String>,
    retry_after: Option<Duration>,
}

/// Declares the named constructors, so that no caller can pair a keyword with a wrong status.
macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $status:literal $($keyword:ident)?;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(detail: impl Into<String>) -> Error {
                #[allow(unused_mut, unused_assignments)]
                let mut keyword = None;
                $(keyword = Some(ScimType::$keyword);)?
                Error::new($status, keyword, detail.into())
            }
        )*
    };
}

impl Error {
    constructors! {
        /// 400 `invalidFilter`.
        invalid_filter => 400 InvalidFilter;
        /// 400 `invalidPath`.
        invalid_path => 400 InvalidPath;
        /// 400 `invalidSyntax`.
        invalid_syntax => 400 InvalidSyntax;
        /// 400 `invalidValue`.
        invalid_value => 400 InvalidValue;
        /// 400 `noTarget`.
        no_target => 400 NoTarget;
        /// 400 `mutability`; also for what the bridge refuses to touch, since 403 would quarantine Entra's job.
        mutability => 400 Mutability;
        /// 400 `tooMany`.
        too_many => 400 TooMany;
        /// 400 `invalidVers`.
        invalid_version => 400 InvalidVers;
        /// 403 `sensitive`.
        sensitive => 403 Sensitive;
        /// 409 `uniqueness`.
        uniqueness => 409 Uniqueness;
        /// 409 without a keyword: the resource is in a state that does not allow the request.
        conflict => 409;
        /// 401.
        unauthorized => 401;
        /// 403 without a keyword.
        forbidden => 403;
        /// 404.
        not_found => 404;
        /// 405.
        method_not_allowed => 405;
        /// 406.
        not_acceptable => 406;
        /// 408.
        request_timeout => 408;
        /// 412.
        precondition_failed => 412;
        /// 413.
        payload_too_large => 413;
        /// 415.
        unsupported_media_type => 415;
        /// 500.
        internal => 500;
        /// 501.
        not_implemented => 501;
    }

    /// 503: the directory cannot be reached now; the client shall come back after the given time.
    pub fn unavailable(detail: impl Into<String>, retry_after: Duration) -> Error {
        Error { retry_after: Some(retry_after), ..Error::new(503, None, detail.into()) }
    }

    /// 429: too many requests; the client shall come back after the given time.
    pub fn too_many_requests(detail: impl Into<String>, retry_after: Duration) -> Error {
        Error { retry_after: Some(retry_after), ..Error::new(429, None, detail.into()) }
    }

    /// The same error with a text for our own log.
    pub fn with_context(mut self, context: impl Into<String>) -> Error {
        self.context = Some(context.into());
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The `scimType` keyword, if the error has one.
    pub fn scim_type(&self) -> Option<ScimType> {
        self.scim_type
    }

    /// What the client is told.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What only our log is told.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// When the client shall try again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The message body; `status` is a string, RFC 7644 section 3.12.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("schemas".into(), json!([name::ERROR]));
        body.insert("status".into(), json!(self.status.to_string()));
        if let Some(keyword) = self.scim_type {
            body.insert("scimType".into(), json!(keyword.as_str()));
        }
        body.insert("detail".into(), json!(self.detail));
        Value::Object(body)
    }

    fn new(status: u16, scim_type: Option<ScimType>, detail: String) -> Error {
        Error { status, scim_type, detail, context: None, retry_after: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_the_status_as_a_string_and_no_context() {
        let error = Error::uniqueness("`userName` is taken").with_context("result 68 on uid=jo");
        assert_eq!(
            error.to_json(),
            json!({"schemas": [name::ERROR], "status": "409", "scimType": "uniqueness", "detail": "`userName` is taken"})
        );
        assert_eq!(error.context(), Some("result 68 on uid=jo"));
    }

    #[test]
    fn errors_without_a_keyword_leave_it_out() {
        let body = Error::unavailable("no directory answers", Duration::from_secs(30)).to_json();
        assert_eq!(body.get("scimType"), None);
        assert_eq!(body["status"], "503");
    }
}
