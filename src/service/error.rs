//! What can go wrong while a request is carried out, and the one map from it to SCIM errors.
//!
//! The map decides what Entra does next. A directory that is away is 503, so that Entra comes again; a directory that
//! does not let the *bridge* in is 500 and never 401 or 403, which would put the provisioning job in quarantine for bad
//! credentials; values that the directory refuses are 400 with the SCIM attribute's name, since the text ends up in
//! Entra's provisioning log. What only our log may see goes into the error's context.

use std::time::Duration;

use crate::ldap::{ChangeKind, Dn, ResultCode};
use crate::mapping::ResourceMapping;
use crate::{directory, mapping, plan, scim};

/// The most ids that one text names.
const MAX_LISTED: usize = 20;

/// What to do about members that are not there.
const PROVISION_FIRST: &str = "provision them first, or assign them to the application; Entra sends them again";

/// When a client may come again after the directory was away.
const RETRY_SOON: Duration = Duration::from_secs(5);

/// The longest diagnostic text of a server, in characters, that is passed on.
const MAX_DIAGNOSTIC: usize = 200;

/// Why a request could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory did not answer.
    #[error(transparent)]
    Directory(#[from] directory::Error),
    /// A PATCH was carried out but for members that no resource of the endpoint is.
    #[error("members left out, since no resource is meant: {}", .ids.join(", "))]
    LeftOut {
        /// Their ids.
        ids: Vec<String>,
    },
    /// The plan breaks an invariant: a fault of ours.
    #[error("refused to carry out a plan: {0}")]
    Lint(#[from] plan::Violation),
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] plan::Error),
    /// The directory refused a write.
    #[error("{} was answered with {code}: {text}", .kind.label())]
    Refused {
        /// The kind of write.
        kind: ChangeKind,
        /// The result code.
        code: ResultCode,
        /// The server's diagnostic text.
        text: String,
    },
    /// The directory shows a resource without the attribute that identifies it.
    #[error("`{attr}` of `{dn}` is not shown to the bridge")]
    Unidentified {
        /// The attribute that holds the id.
        attr: &'static str,
        /// The entry.
        dn: Dn,
    },
    /// Others kept renaming what the request put into a group or took out of it.
    #[error("others changed the same entries again and again")]
    Unsettled,
    /// Planning did not come to an end: a fault of ours.
    #[error("planning asked for facts too often")]
    Rounds,
}

impl Error {
    /// What the client is told.
    pub(super) fn to_scim(&self, mapping: &ResourceMapping) -> scim::Error {
        let context = chain(self);
        match self {
            Self::Directory(error) => directory_error(error),
            Self::Lint(_) | Self::Rounds => {
                scim::Error::internal("the bridge refused its own plan; nothing was changed")
            }
            Self::Unsettled => away(),
            Self::LeftOut { ids } => scim::Error::invalid_value(format!(
                "everything else was done, but these members are no resource of this endpoint (yet): {}; hint: {PROVISION_FIRST}",
                listed(ids)
            )),
            Self::Plan(error) => plan_error(error, mapping),
            Self::Unidentified { attr, .. } => hidden(attr),
            Self::Refused { kind, code, text } => refused(*kind, *code, text, mapping),
        }
        .with_context(context)
    }
}

fn plan_error(error: &plan::Error, mapping: &ResourceMapping) -> scim::Error {
    match error {
        plan::Error::Children(_) => has_children(),
        plan::Error::Elsewhere => scim::Error::invalid_value(
            "by these values the mapping's placement leads out of the endpoint's base, or to where the disabled are; hint: \
             compare `placement` and `active` in the mapping with `base` in bridge.toml",
        ),
        plan::Error::Filter(_) => scim::Error::invalid_filter(error.to_string()),
        plan::Error::Mapping(error) => mapping_error(error),
        plan::Error::Missing(attrs) => scim::Error::invalid_value(format!(
            "required but missing: `{}`; map a source attribute to it in Entra, or give it a default value there",
            attrs.join("`, `")
        )),
        plan::Error::NameTooLong { .. } => scim::Error::invalid_value(error.to_string()),
        plan::Error::NoDefaultGroup(_) => scim::Error::internal(
            "a group that every new user is put into is missing in the directory; \
             hint: make it, or take it out of `default` in bridge.toml",
        ),
        plan::Error::NoGraveyard(_) => scim::Error::internal(
            "the entry below which deleted ones are moved is missing in the directory; hint: make it, or change `to` in \
             `delete` of the mapping",
        ),
        plan::Error::NoStateGroup(_) => scim::Error::internal(
            "a group that says who is enabled is missing in the directory; hint: make it, or take it out of \
             `user.active` in the mapping",
        ),
        plan::Error::NoSuperior { name } => scim::Error::invalid_value(format!(
            "`{}`, below which this entry belongs, does not exist in the directory; hint: make it there, or let the \
             bridge make it: `create` of the placement in the mapping",
            diagnostic(name)
        )),
        plan::Error::TooManyReferrers => scim::Error::conflict(
            "more entries refer to this one than a rename can follow; hint: let the directory keep references itself, \
             and set `referential_integrity` in bridge.toml",
        ),
        plan::Error::UnresolvedMembers(ids) => scim::Error::invalid_value(format!(
            "nothing was changed, since these members are no resource of this endpoint: {}; hint: {PROVISION_FIRST}",
            listed(ids)
        )),
        plan::Error::UsedUp { .. } => scim::Error::internal(
            "the numbers for new entries are used up; nothing was changed; hint: raise `last` in the mapping",
        ),
        plan::Error::NotOwned { attr } => scim::Error::uniqueness(format!(
            "an entry that is not this endpoint's own has this `{attr}` already; hint: mark that entry as `owner` of the \
             mapping says, or choose another `{attr}`"
        )),
        plan::Error::NotFound => scim::Error::not_found("no resource of this endpoint has this id"),
        plan::Error::Hidden { attr, .. } => hidden(attr),
        plan::Error::NoPassword => scim::Error::invalid_value(
            "`password` is missing: the directory enables no account without one; hint: map a source to it in Entra, set \
             a password in the directory, or take `source = \"random\"` in the mapping",
        ),
        plan::Error::Reserved { attr } => scim::Error::invalid_value(format!(
            "`{attr}` makes the name that stands for nobody in every group; hint: choose another one, or another \
             `placeholder` in the mapping"
        )),
        plan::Error::NoProtectedGroup(_) => scim::Error::internal(
            "a protected group cannot be read in the directory, so that nobody knows who is in it; nothing was changed; \
             hint: check `protect.groups` in bridge.toml, and the rights of the bridge's account",
        ),
        plan::Error::Protected { dn, cause, is_own } => protected(dn, cause, *is_own, mapping),
        plan::Error::Scim(error) => error.clone(),
        plan::Error::Taken { attr } => taken(attr),
        plan::Error::Unresolved { slot, id } => scim::Error::invalid_value(format!(
            "`{slot}` refers to `{id}`, which is no {} of this endpoint; provision that one first",
            mapping.resource_type.name.to_lowercase()
        )),
    }
}

fn mapping_error(error: &mapping::Error) -> scim::Error {
    match error {
        mapping::Error::Elements { .. } | mapping::Error::Value { .. } | mapping::Error::Exhausted { .. } => {
            scim::Error::invalid_value(error.to_string())
        }
        mapping::Error::Placement(_) => {
            scim::Error::invalid_value("the mapping's placement cannot be made from these values")
        }
        mapping::Error::Naming { .. } => scim::Error::mutability(error.to_string()),
        mapping::Error::Template { attr, .. } => scim::Error::invalid_value(format!(
            "the mapping's template for `{attr}` cannot be filled from these values"
        )),
    }
}

fn directory_error(error: &directory::Error) -> scim::Error {
    match error {
        directory::Error::BindRefused { .. } => scim::Error::internal(
            "the directory does not accept the bridge's own account; hint: check `bind` of the directory in bridge.toml",
        ),
        directory::Error::WrongKind { .. } => scim::Error::internal(
            "the directory server is not of the kind that the bridge is set up for; hint: check `vendor` in bridge.toml; \
             the bridge's log says what the server seems to be",
        ),
        directory::Error::Tls { .. } => scim::Error::internal(
            "no trusted TLS connection to the directory; hint: check `ca_file` and the server's certificate",
        ),
        directory::Error::TooMany { .. } => {
            scim::Error::too_many("more matches than the directory returns at once; use a narrower filter")
        }
        directory::Error::Refused { code: ResultCode::NoSuchObject, .. } => scim::Error::internal(
            "an entry below which the bridge looks for users or groups does not exist in the directory; \
             hint: check each `base` in bridge.toml, and each `to` in the mapping",
        ),
        directory::Error::Refused { code, .. } if !code.is_outage() => {
            scim::Error::internal("the directory refused a search of the bridge; its log has the reason")
        }
        directory::Error::Counter { .. } => scim::Error::internal(
            "the counter that numbers come from cannot be used; hint: check `numbers` in the mapping and the counter's \
             entry; the bridge's log says what is wrong",
        ),
        directory::Error::NoPasswordModify { .. } => scim::Error::internal(
            "the directory does not offer the password modify extended operation (RFC 3062), by which its `vendor` \
             takes passwords; nothing was sent; hint: load the module that offers it, or check `vendor` in bridge.toml",
        ),
        directory::Error::Decode { .. } => scim::Error::internal("the directory sent an answer that is not LDAP"),
        directory::Error::Refused { .. }
        | directory::Error::Unavailable { .. }
        | directory::Error::Lost { .. }
        | directory::Error::Timeout { .. }
        | directory::Error::OutcomeUnknown { .. } => away(),
    }
}

fn refused(kind: ChangeKind, code: ResultCode, text: &str, mapping: &ResourceMapping) -> scim::Error {
    use ResultCode as Code;
    match code {
        Code::EntryAlreadyExists => match mapping.profile.taken_attr(text) {
            Some(attr) => taken(&mapping.scim_name(&attr)),
            None => taken(mapping.name_attr()),
        },
        Code::ProtocolError | Code::UnavailableCriticalExtension if kind == ChangeKind::SetPassword => {
            scim::Error::internal(
                "the directory does not offer the password modify operation; hint: its root DSE must list \
                 1.3.6.1.4.1.4203.1.11.1 (RFC 3062)",
            )
        }
        Code::ConstraintViolation if mapping.profile.is_uniqueness(text) => {
            taken(&mapping.named_in(text).unwrap_or_else(|| mapping.name_attr().to_owned()))
        }
        _ if mapping.profile.is_read_only(code, text) => away(),
        Code::ConstraintViolation
        | Code::InvalidAttributeSyntax
        | Code::InvalidDnSyntax
        | Code::InappropriateMatching
        | Code::NamingViolation
        | Code::NotAllowedOnRdn
        | Code::ObjectClassModsProhibited
        | Code::ObjectClassViolation
        | Code::UndefinedAttributeType
        | Code::UnwillingToPerform => invalid(kind, code, text, mapping),
        Code::AttributeOrValueExists => scim::Error::invalid_value(format!(
            "two values are equal for the directory although they differ in spelling: {}",
            diagnostic(text)
        )),
        Code::NotAllowedOnNonLeaf => has_children(),
        Code::NoSuchObject if kind == ChangeKind::Add => scim::Error::internal(
            "the entry below which new resources go does not exist in the directory; hint: check `base` in bridge.toml",
        ),
        Code::InsufficientAccessRights
        | Code::AuthorizationDenied
        | Code::AuthMethodNotSupported
        | Code::ConfidentialityRequired
        | Code::InappropriateAuthentication
        | Code::InvalidCredentials
        | Code::StrongerAuthRequired => {
            scim::Error::internal(mapping.profile.advice(text).unwrap_or(
                "the directory does not allow the bridge's account to do this; hint: extend its access rights",
            ))
        }
        Code::AdminLimitExceeded
        | Code::AssertionFailed
        | Code::Busy
        | Code::Canceled
        | Code::CannotCancel
        | Code::NoSuchAttribute
        | Code::NoSuchObject
        | Code::NoSuchOperation
        | Code::Referral
        | Code::TimeLimitExceeded
        | Code::TooLate
        | Code::Unavailable => away(),
        Code::AffectsMultipleDsas
        | Code::AliasDereferencingProblem
        | Code::AliasProblem
        | Code::CompareFalse
        | Code::CompareTrue
        | Code::LoopDetect
        | Code::OperationsError
        | Code::Other
        | Code::ProtocolError
        | Code::SaslBindInProgress
        | Code::SizeLimitExceeded
        | Code::Success
        | Code::UnavailableCriticalExtension
        | Code::Unknown(_) => {
            scim::Error::internal(format!("the directory answered {code}; the bridge's log has its message"))
        }
    }
}

fn has_children() -> scim::Error {
    scim::Error::conflict("the entry has entries below it in the directory and cannot be deleted; remove those first")
}

fn hidden(attr: &str) -> scim::Error {
    scim::Error::internal(format!(
        "the directory does not show `{attr}` to the bridge's account; hint: extend its access rights"
    ))
}

fn protected(dn: &Dn, cause: &plan::Cause, is_own: bool, mapping: &ResourceMapping) -> scim::Error {
    let what = match (is_own, dn.rdn()) {
        (false, Some(rdn)) => format!("`{}`, which would change with it,", diagnostic(&rdn.to_string())),
        _ => format!("this {}", mapping.resource_type.name.to_lowercase()),
    };
    scim::Error::mutability(format!(
        "{what} is protected, since {cause}; nothing was changed; hint: take it out of Entra's scope, or change it in the \
         directory itself"
    ))
}

fn taken(attr: &str) -> scim::Error {
    scim::Error::uniqueness(format!(
        "another entry of the directory has this `{attr}` already; if it is the same one, let Entra match it by `{attr}`"
    ))
}

fn away() -> scim::Error {
    scim::Error::unavailable("the directory cannot be reached or is busy; the request can be sent again", RETRY_SOON)
}

fn invalid(kind: ChangeKind, code: ResultCode, text: &str, mapping: &ResourceMapping) -> scim::Error {
    let is_of_password = kind == ChangeKind::SetPassword || (mapping.password.is_some() && is_about_password(text));
    let named = if is_of_password { Some(scim::PASSWORD.to_owned()) } else { mapping.named_in(text) };
    let attr = named.map_or(String::new(), |attr| format!("`{attr}`: "));
    match mapping.profile.advice(text) {
        Some(advice) => scim::Error::invalid_value(format!("{attr}{advice}")),
        None => scim::Error::invalid_value(format!("{attr}the directory answered {code}: {}", diagnostic(text))),
    }
}

/// Whether a server's text is about a password; ERROR_PASSWORD_RESTRICTION is Active Directory's only word for it.
fn is_about_password(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains(scim::PASSWORD) || text.contains("0000052d")
}

/// Ids for people to read, the first of them where there are many.
fn listed(ids: &[String]) -> String {
    let shown = ids.iter().take(MAX_LISTED).map(|id| format!("`{}`", diagnostic(id))).collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(MAX_LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// An error and all its causes in one line, for our log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// A server's text, fit to be shown: one line and not endless.
fn diagnostic(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let shown: String = printable.take(MAX_DIAGNOSTIC).collect();
    if shown.trim().is_empty() { "no explanation".to_owned() } else { shown.trim().to_owned() }
}
