//! Decides every LDAP operation, and executes none.
//!
//! [`next`] is given a request and the facts gathered so far. It either asks for more facts or gives a [`Plan`]: plain
//! data that leaves no meaningful choice to whoever carries it out. It is called again with the answers, and since it
//! has no state, the same request and facts always give the same plan. Nothing here knows a socket, a clock or HTTP.
//!
//! Plans obey the safe prefix rule: stopping after any step leaves a usable directory, and planning the same request
//! again converges (LDAP has no general transaction).

mod create;
mod delete;
mod find;
mod graveyard;
mod group;
mod identity;
mod lint;
mod member;
mod membership;
mod name;
mod number;
mod password;
mod place;
mod protect;
mod purge;
mod put_away;
mod query;
mod realm;
mod refer;
mod reference;
mod rename;
mod request;
mod settle;
mod show;
mod state;
mod update;

pub use identity::{ask_for_ids, known_ids};
pub use lint::{Violation, lint};
pub use member::{ask_for_members, member_ids, member_values};
pub use name::{refused_candidate, twins, yield_to};
pub use protect::{Cause, Protection};
pub use purge::{Marked, ask_for_marked, marked};
pub use query::check_shown;
pub use realm::{Integrity, Place, Realm, Site, UnresolvedMembers};
pub use request::Request;
pub use settle::{Doubt, settle};
pub use show::{Shown, show};

use std::collections::HashMap;

use crate::ldap::{Change, Counter, Dn, DnKey, Entry, Expect, Facts, Query, ResultCode};
use crate::{mapping, scim};

/// What to do next for a request.
#[derive(Debug)]
pub enum Next {
    /// Answer these queries, add the answers to the facts, and come again.
    Ask(Vec<Query>),
    /// Draw a number from this counter, add it to the facts, and come again.
    Draw(Counter),
    /// Nothing more is needed: carry this out.
    Done(Plan),
}

/// Everything to be done for one request.
#[derive(Debug)]
pub struct Plan {
    /// The writes, in order; none for a read.
    pub steps: Vec<Step>,
    /// What the answer is made of, once all steps are done.
    pub answer: Answer,
    /// What the plan does to the resource, for the metrics.
    pub effects: Vec<Effect>,
    /// References of the request that no resource of the endpoint has, and that are therefore left out.
    pub dropped: Vec<String>,
    /// Ids of members of the request that no resource of the endpoint has, and that are therefore left out.
    pub unresolved: Vec<String>,
    /// Whether there is more to do than one plan takes: plan again when this is done.
    pub more: bool,
    /// The entry as it is before the plan renames it: to be noted when the request is planned again.
    pub renames: Option<Box<Entry>>,
    /// What is to be looked at once more when the steps are done.
    pub doubts: Vec<Doubt>,
}

/// One write.
#[derive(Clone, Debug)]
pub struct Step {
    /// Why, as an administrator reads it in front of the LDIF.
    pub why: String,
    /// The write.
    pub change: Change,
    /// The result codes that mean that it is done.
    pub expect: Expect,
    /// The result codes that mean that the facts have changed since they were gathered: gather and plan again.
    pub raced: &'static [ResultCode],
    /// What is written instead when the answer is this code.
    pub otherwise: Option<(ResultCode, Change)>,
    /// What takes back the part of the write that means nothing when the directory refuses a later step.
    pub undo: Option<Change>,
    /// What is written when the directory refuses this step for good, so that nothing half done stays.
    pub on_refusal: Option<Change>,
}

impl Step {
    /// A step that is done on success.
    fn new(why: impl Into<String>, change: Change) -> Self {
        let raced: &[ResultCode] = match &change {
            Change::Add { .. } => &[ResultCode::EntryAlreadyExists],
            Change::Modify { .. } => {
                &[ResultCode::NoSuchAttribute, ResultCode::AttributeOrValueExists, ResultCode::NoSuchObject]
            }
            Change::ModifyDn { .. } => &[ResultCode::EntryAlreadyExists, ResultCode::NoSuchObject],
            Change::Delete { .. } | Change::SetPassword { .. } => &[ResultCode::NoSuchObject],
        };
        Self {
            why: why.into(),
            change,
            expect: Expect::success(),
            raced,
            otherwise: None,
            undo: None,
            on_refusal: None,
        }
    }
}

/// What the answer to a request is made of.
#[derive(Debug)]
pub enum Answer {
    /// These entries, among which the caller still chooses.
    Entries(Hits),
    /// This entry, which is as the request wants it.
    Entry(Box<Entry>),
    /// Nothing: the resource is gone.
    Gone,
    /// The entry that now stands at this name.
    Written(Dn),
}

/// What a filter finds.
#[derive(Debug, Default)]
pub struct Hits {
    /// The entries that may match.
    pub entries: Vec<Entry>,
    /// By the name of a group, those of the filter's ids that are members of it.
    pub members: HashMap<DnKey, Vec<String>>,
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It comes into being.
    Created,
    /// It goes.
    Deleted,
    /// `active` becomes false.
    Disabled,
    /// `active` becomes true.
    Enabled,
    /// A group gets so many members.
    MembersAdded(usize),
    /// A group loses so many members.
    MembersRemoved(usize),
    /// Its entry gets another place.
    Moved,
    /// Its entry gets another name.
    Renamed,
    /// It was deleted by mark and comes back.
    Revived,
    /// Attributes change.
    Updated,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The placement leads out of the endpoint's base.
    #[error("the placement leads out of the endpoint's base")]
    Elsewhere,
    /// The filter cannot narrow a search.
    #[error("{0}")]
    Filter(String),
    /// The resource cannot be written as it is.
    #[error(transparent)]
    Mapping(#[from] mapping::Error),
    /// An entry that is to go has others below it.
    #[error("`{0}` has entries below it")]
    Children(Dn),
    /// Required attributes have no value.
    #[error("required attributes have no value: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// A name is longer than directories take in a DN.
    #[error("`{attr}` makes a name of {len} {unit} in the directory, which takes at most {max}")]
    NameTooLong {
        /// The SCIM attribute.
        attr: String,
        /// The length of the name that it makes.
        len: usize,
        /// The limit.
        max: usize,
        /// In what both are counted.
        unit: &'static str,
    },
    /// A group that every new user is put into is not there.
    #[error("the default group `{0}` does not exist, or is no group of this endpoint")]
    NoDefaultGroup(Dn),
    /// The entry below which deleted ones are moved is not there.
    #[error("`{0}`, below which deleted entries are moved, does not exist")]
    NoGraveyard(Dn),
    /// A group that says who is enabled is not there.
    #[error("the group `{0}`, which says who is enabled, does not exist")]
    NoStateGroup(Dn),
    /// The entry below which a resource belongs is missing, and is not made.
    #[error("`{name}`, below which the entry belongs, does not exist in the directory")]
    NoSuperior {
        /// Its name, as seen from the endpoint's base.
        name: String,
    },
    /// More entries refer to one that is renamed than can be dealt with.
    #[error("more entries refer to this one than a rename can follow")]
    TooManyReferrers,
    /// The directory does not show an attribute by which resources are looked for.
    #[error("`{attr}` of `{dn}` is not shown to the bridge")]
    Hidden {
        /// The attribute.
        attr: &'static str,
        /// The entry.
        dn: Dn,
    },
    /// A counter has come to its end.
    #[error("the numbers of {counter} are used up: {last} was the last")]
    UsedUp {
        /// The counter.
        counter: Counter,
        /// The last number.
        last: u64,
    },
    /// Members that no resource of the endpoint is.
    #[error("no resource of this endpoint: {}", .0.join(", "))]
    UnresolvedMembers(Vec<String>),
    /// An entry that is not the endpoint's own has the name already.
    #[error("an entry that is not the endpoint's own has this `{attr}` already")]
    NotOwned {
        /// The SCIM attribute.
        attr: String,
    },
    /// No such resource.
    #[error("no resource has this id")]
    NotFound,
    /// A protected group cannot be read.
    #[error("the protected group `{0}` cannot be read")]
    NoProtectedGroup(Dn),
    /// An entry that must not be changed would be.
    #[error("`{dn}` is protected, since {cause}")]
    Protected {
        /// The entry.
        dn: Dn,
        /// Why it is protected.
        cause: Cause,
        /// Whether the request is about this entry, not about another one that changes with it.
        is_own: bool,
    },
    /// The request body is at odds with the schema.
    #[error("{}", .0.detail())]
    Scim(scim::Error),
    /// An account that is to be enabled has no password, and the directory wants one.
    #[error("an account without a password cannot be enabled")]
    NoPassword,
    /// The name is that of the placeholder in groups.
    #[error("`{attr}` makes the name that stands for nobody in every group")]
    Reserved {
        /// The SCIM attribute.
        attr: String,
    },
    /// Another entry has the name already.
    #[error("another entry has this `{attr}` already")]
    Taken {
        /// The SCIM attribute.
        attr: String,
    },
    /// A PATCH refers to a resource that is not there (yet).
    #[error("`{slot}` refers to `{id}`, which is no resource of this endpoint")]
    Unresolved {
        /// The SCIM attribute.
        slot: String,
        /// The id.
        id: String,
    },
}

impl From<scim::Error> for Error {
    fn from(error: scim::Error) -> Self {
        Self::Scim(error)
    }
}

/// What to do for `request`, given `facts`.
pub fn next(site: &Site<'_>, request: &Request, facts: &Facts) -> Result<Next, Error> {
    query::check_shown(site, facts)?;
    let next = decide(site, request, facts)?;
    protect::guard(site, next, protect::Verdict::Refuse, facts)
}

fn decide(site: &Site<'_>, request: &Request, facts: &Facts) -> Result<Next, Error> {
    match request {
        Request::Patch { id, patch } if site.is_of_groups() => group::patch(site, id, patch, facts),
        Request::Replace { id, resource } if site.is_of_groups() => group::replace(site, id, resource, facts),
        Request::Create { resource, unsure } => create::next(site, resource, *unsure, facts),
        Request::Delete { id } => delete::next(site, id, facts),
        Request::Find { filter } => find::next(site, filter.as_ref(), facts),
        Request::Get { id } => find::get(site, id, facts),
        Request::Purge { id, before } => purge::next(site, id, *before, facts),
        Request::Patch { id, patch } => update::patch(site, id, patch, facts),
        Request::Replace { id, resource } => update::replace(site, id, resource, facts),
    }
}

/// The search that reads back what was written at `dn`, for servers that do not tell with the write.
pub fn read_back(site: &Site<'_>, dn: &Dn) -> Query {
    site.at(dn)
}

impl Plan {
    /// A plan of these steps, without effects yet.
    fn new(steps: Vec<Step>, answer: Answer) -> Self {
        Self {
            steps,
            answer,
            effects: Vec::new(),
            dropped: Vec::new(),
            unresolved: Vec::new(),
            more: false,
            renames: None,
            doubts: Vec::new(),
        }
    }

    /// The step after which the entry of the answer is as it stays; `None` when it must be read at the end.
    pub fn shown_by(&self, site: &Site<'_>) -> Option<usize> {
        let Answer::Written(dn) = &self.answer else { return None };
        let own = self.steps.iter().rposition(|step| step.change.resulting_dn() == *dn)?;
        // what a user is in shows in the user's entry, and follows from steps on groups
        let moves = |rule: &mapping::Rule| rule.reference == Some(mapping::Referee::Group);
        let shows_groups = site.mapping.rules.iter().any(moves) || site.mapping.state_groups().next().is_some();
        let is_final = own + 1 == self.steps.len() || !shows_groups;
        is_final.then_some(own)
    }

    /// The same plan after some other steps.
    fn after(mut self, steps: Vec<Step>) -> Self {
        self.steps.splice(0..0, steps);
        self
    }

    /// A plan without steps.
    fn read(answer: Answer) -> Self {
        Self::new(Vec::new(), answer)
    }
}

impl Effect {
    /// The label of this effect in metrics and in the audit trail.
    pub fn label(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Deleted => "deleted",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::MembersAdded(_) => "members added",
            Self::MembersRemoved(_) => "members removed",
            Self::Moved => "moved",
            Self::Renamed => "renamed",
            Self::Revived => "revived",
            Self::Updated => "updated",
        }
    }
}
