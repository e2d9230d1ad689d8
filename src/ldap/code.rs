//! LDAP result codes (RFC 4511 appendix A, RFC 3909, RFC 4370, RFC 4528).

use std::fmt;

/// A result code as a server answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultCode {
    /// The operation succeeded.
    Success,
    /// The operation is not in order with others.
    OperationsError,
    /// The server does not understand the request.
    ProtocolError,
    /// The time limit of the search ran out.
    TimeLimitExceeded,
    /// There are more entries than asked for.
    SizeLimitExceeded,
    /// The compared value differs.
    CompareFalse,
    /// The compared value is the same.
    CompareTrue,
    /// The server does not offer this way to authenticate.
    AuthMethodNotSupported,
    /// The server wants stronger authentication.
    StrongerAuthRequired,
    /// Another server must be asked; to a write, this one is read-only.
    Referral,
    /// A limit set by the administrator was met.
    AdminLimitExceeded,
    /// A critical control is not offered.
    UnavailableCriticalExtension,
    /// The server wants TLS.
    ConfidentialityRequired,
    /// The SASL exchange goes on.
    SaslBindInProgress,
    /// The attribute or value to remove is not there.
    NoSuchAttribute,
    /// The schema has no such attribute.
    UndefinedAttributeType,
    /// The attribute has no such matching rule.
    InappropriateMatching,
    /// A constraint on values is not met; uniqueness plug-ins answer so too.
    ConstraintViolation,
    /// The value to add is there already.
    AttributeOrValueExists,
    /// A value does not have the syntax of its attribute.
    InvalidAttributeSyntax,
    /// There is no such entry.
    NoSuchObject,
    /// An alias cannot be followed.
    AliasProblem,
    /// A name is malformed or against the schema.
    InvalidDnSyntax,
    /// An alias may not be followed.
    AliasDereferencingProblem,
    /// This kind of authentication does not suit the entry.
    InappropriateAuthentication,
    /// Name or password is wrong.
    InvalidCredentials,
    /// The bound identity may not do this.
    InsufficientAccessRights,
    /// The server is too busy.
    Busy,
    /// The server is shutting down or off line.
    Unavailable,
    /// The server does not want to.
    UnwillingToPerform,
    /// Aliases or referrals go in circles.
    LoopDetect,
    /// The name is against the rules for names.
    NamingViolation,
    /// The entry would be against its object classes.
    ObjectClassViolation,
    /// The entry has children.
    NotAllowedOnNonLeaf,
    /// A value of the RDN would go.
    NotAllowedOnRdn,
    /// There is such an entry already.
    EntryAlreadyExists,
    /// The structural object class may not change.
    ObjectClassModsProhibited,
    /// More than one server would be needed.
    AffectsMultipleDsas,
    /// Anything else.
    Other,
    /// The operation was cancelled (RFC 3909).
    Canceled,
    /// There is no such operation to cancel (RFC 3909).
    NoSuchOperation,
    /// The operation can no longer be cancelled (RFC 3909).
    TooLate,
    /// The operation cannot be cancelled (RFC 3909).
    CannotCancel,
    /// The asserted filter does not match the entry (RFC 4528).
    AssertionFailed,
    /// The proxied identity may not be taken (RFC 4370).
    AuthorizationDenied,
    /// A code that none of these documents names.
    Unknown(u32),
}

/// Every named code: the number, the variant, the name in the RFC.
const TABLE: &[(u32, ResultCode, &str)] = &[
    (0, ResultCode::Success, "success"),
    (1, ResultCode::OperationsError, "operationsError"),
    (2, ResultCode::ProtocolError, "protocolError"),
    (3, ResultCode::TimeLimitExceeded, "timeLimitExceeded"),
    (4, ResultCode::SizeLimitExceeded, "sizeLimitExceeded"),
    (5, ResultCode::CompareFalse, "compareFalse"),
    (6, ResultCode::CompareTrue, "compareTrue"),
    (7, ResultCode::AuthMethodNotSupported, "authMethodNotSupported"),
    (8, ResultCode::StrongerAuthRequired, "strongerAuthRequired"),
    (10, ResultCode::Referral, "referral"),
    (11, ResultCode::AdminLimitExceeded, "adminLimitExceeded"),
    (12, ResultCode::UnavailableCriticalExtension, "unavailableCriticalExtension"),
    (13, ResultCode::ConfidentialityRequired, "confidentialityRequired"),
    (14, ResultCode::SaslBindInProgress, "saslBindInProgress"),
    (16, ResultCode::NoSuchAttribute, "noSuchAttribute"),
    (17, ResultCode::UndefinedAttributeType, "undefinedAttributeType"),
    (18, ResultCode::InappropriateMatching, "inappropriateMatching"),
    (19, ResultCode::ConstraintViolation, "constraintViolation"),
    (20, ResultCode::AttributeOrValueExists, "attributeOrValueExists"),
    (21, ResultCode::InvalidAttributeSyntax, "invalidAttributeSyntax"),
    (32, ResultCode::NoSuchObject, "noSuchObject"),
    (33, ResultCode::AliasProblem, "aliasProblem"),
    (34, ResultCode::InvalidDnSyntax, "invalidDNSyntax"),
    (36, ResultCode::AliasDereferencingProblem, "aliasDereferencingProblem"),
    (48, ResultCode::InappropriateAuthentication, "inappropriateAuthentication"),
    (49, ResultCode::InvalidCredentials, "invalidCredentials"),
    (50, ResultCode::InsufficientAccessRights, "insufficientAccessRights"),
    (51, ResultCode::Busy, "busy"),
    (52, ResultCode::Unavailable, "unavailable"),
    (53, ResultCode::UnwillingToPerform, "unwillingToPerform"),
    (54, ResultCode::LoopDetect, "loopDetect"),
    (64, ResultCode::NamingViolation, "namingViolation"),
    (65, ResultCode::ObjectClassViolation, "objectClassViolation"),
    (66, ResultCode::NotAllowedOnNonLeaf, "notAllowedOnNonLeaf"),
    (67, ResultCode::NotAllowedOnRdn, "notAllowedOnRDN"),
    (68, ResultCode::EntryAlreadyExists, "entryAlreadyExists"),
    (69, ResultCode::ObjectClassModsProhibited, "objectClassModsProhibited"),
    (71, ResultCode::AffectsMultipleDsas, "affectsMultipleDSAs"),
    (80, ResultCode::Other, "other"),
    (118, ResultCode::Canceled, "canceled"),
    (119, ResultCode::NoSuchOperation, "noSuchOperation"),
    (120, ResultCode::TooLate, "tooLate"),
    (121, ResultCode::CannotCancel, "cannotCancel"),
    (122, ResultCode::AssertionFailed, "assertionFailed"),
    (123, ResultCode::AuthorizationDenied, "authorizationDenied"),
];

impl ResultCode {
    /// The code's number.
    pub fn number(self) -> u32 {
        match self {
            Self::Unknown(number) => number,
            named => TABLE.iter().find(|row| row.1 == named).map_or(80, |row| row.0),
        }
    }

    /// The code's name: one of a closed set, fit to be a metric's label.
    pub fn label(self) -> &'static str {
        TABLE.iter().find(|row| row.1 == self).map_or("unknown", |row| row.2)
    }

    /// Whether the server says that it cannot work just now, so that another one should be asked.
    pub fn is_outage(self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable)
    }
}

impl From<u32> for ResultCode {
    fn from(number: u32) -> Self {
        TABLE.iter().find(|row| row.0 == number).map_or(Self::Unknown(number), |row| row.1)
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.label(), self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_codes_agree() {
        for number in 0..200 {
            assert_eq!(ResultCode::from(number).number(), number);
        }
    }

    #[test]
    fn codes_print_with_their_number() {
        assert_eq!(ResultCode::EntryAlreadyExists.to_string(), "entryAlreadyExists (68)");
        assert_eq!(ResultCode::from(4096).to_string(), "unknown (4096)");
    }
}
