//! Refuses plans that break an invariant, whatever the request and the mapping say: the last look before the
//! directory is touched. A violation is a fault of the bridge, never of the client.

use super::{Plan, Site, Step, graveyard, state};
use crate::ldap::{AttrType, Change, ModOp};

/// The most steps that a plan for one resource takes, those not counted that change nothing but references to it or
/// make entries above it.
const MAX_STEPS: usize = 8;

/// An invariant that a plan breaks.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Violation {
    /// A step would write outside the site.
    #[error("step {step} would write to `{dn}`, which is not where this endpoint's resources are")]
    Outside {
        /// The step, counted from 1.
        step: usize,
        /// The DN.
        dn: String,
    },
    /// A modify or an add without content.
    #[error("step {step} writes nothing")]
    Empty {
        /// The step, counted from 1.
        step: usize,
    },
    /// An add would give an attribute twice.
    #[error("step {step} gives `{attr}` twice")]
    Twice {
        /// The step, counted from 1.
        step: usize,
        /// The attribute.
        attr: String,
    },
    /// A step would write to what is protected.
    #[error("step {step} would write to `{dn}`, which is protected")]
    Protected {
        /// The step, counted from 1.
        step: usize,
        /// The DN.
        dn: String,
    },
    /// More steps than one request may take.
    #[error("the plan has {0} steps, more than {MAX_STEPS}")]
    TooManySteps(usize),
}

/// Checks `plan` for `site`.
pub fn lint(site: &Site<'_>, plan: &Plan) -> Result<(), Violation> {
    let is_own = |step: &&Step| !refers(site, &step.change) && !is_above(plan, &step.change);
    let own = plan.steps.iter().filter(is_own).count();
    if own > MAX_STEPS {
        return Err(Violation::TooManySteps(own));
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let number = index + 1;
        let instead = step.otherwise.iter().map(|(_, change)| change);
        for change in std::iter::once(&step.change).chain(instead).chain(&step.undo).chain(&step.on_refusal) {
            if !is_inside(site, change) {
                return Err(Violation::Outside { step: number, dn: change.resulting_dn().to_string() });
            }
            let ends = [change.dn().clone(), change.resulting_dn()];
            if let Some(dn) = ends.iter().find(|dn| site.realm.protection.of_name(dn).is_some()) {
                return Err(Violation::Protected { step: number, dn: dn.to_string() });
            }
            check_content(number, change)?;
        }
    }
    Ok(())
}

/// Whether a write makes an entry above another one that the plan writes.
fn is_above(plan: &Plan, change: &Change) -> bool {
    let Change::Add { dn, .. } = change else { return false };
    plan.steps.iter().any(|step| step.change.resulting_dn().is_below(dn))
}

/// Whether a write stays where the resources of the request's type are or, if it changes nothing but references, where
/// any resources of the endpoint are. The groups that say who is enabled may be anywhere, and so may the
/// graveyard.
fn is_inside(site: &Site<'_>, change: &Change) -> bool {
    let within = |place: &Site<'_>| place.contains(change.dn()) && place.contains(&change.resulting_dn());
    within(site)
        || site.all().any(|place| within(&place) && is_reference(&place, change))
        || state::is_about(site, change)
        || graveyard::is_about(site, change)
}

/// Whether a write changes nothing but references, or who is in a group that says who is enabled.
pub(super) fn refers(site: &Site<'_>, change: &Change) -> bool {
    site.all().any(|place| is_reference(&place, change)) || state::is_about(site, change)
}

/// Whether a write changes nothing but attributes by which entries of `place` refer to others, and the classes that
/// allow these.
fn is_reference(place: &Site<'_>, change: &Change) -> bool {
    let Change::Modify { mods, .. } = change else { return false };
    let members = place.mapping.members.as_ref();
    let refers = |attr: &AttrType| members.is_some_and(|m| m.attr == *attr) || place.mapping.references.contains(attr);
    let class = AttrType::known("objectClass");
    mods.iter().all(|m| refers(&m.attr) || (m.attr == class && m.op == ModOp::Add))
}

fn check_content(step: usize, change: &Change) -> Result<(), Violation> {
    match change {
        Change::Add { attrs, .. } => {
            if attrs.is_empty() || attrs.iter().any(|(_, values)| values.is_empty()) {
                return Err(Violation::Empty { step });
            }
            let twice = attrs.iter().enumerate().find(|(at, (attr, _))| attrs[..*at].iter().any(|(a, _)| a == attr));
            twice.map_or(Ok(()), |(_, (attr, _))| Err(Violation::Twice { step, attr: attr.to_string() }))
        }
        Change::Modify { mods, .. } if mods.is_empty() => Err(Violation::Empty { step }),
        Change::SetPassword { password, .. } if password.is_empty() => Err(Violation::Empty { step }),
        Change::Modify { .. } | Change::ModifyDn { .. } | Change::Delete { .. } | Change::SetPassword { .. } => Ok(()),
    }
}
