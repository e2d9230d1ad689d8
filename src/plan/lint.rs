//! Refuses plans that break an invariant, whatever the request and the mapping say: the last look before the
//! directory is touched. A violation is a fault of the bridge, never of the client.

use super::{Plan, Site};
use crate::ldap::Change;

/// The most steps that a plan for one user takes.
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
    /// More steps than one request may take.
    #[error("the plan has {0} steps, more than {MAX_STEPS}")]
    TooManySteps(usize),
}

/// Checks `plan` for `site`.
pub fn lint(site: &Site<'_>, plan: &Plan) -> Result<(), Violation> {
    if plan.steps.len() > MAX_STEPS {
        return Err(Violation::TooManySteps(plan.steps.len()));
    }
    for (index, step) in plan.steps.iter().enumerate() {
        let number = index + 1;
        let written = std::iter::once(&step.change).chain(&step.undo);
        let mut dns = written.flat_map(|change| [change.dn().clone(), change.resulting_dn()]);
        if let Some(dn) = dns.find(|dn| !site.contains(dn)) {
            return Err(Violation::Outside { step: number, dn: dn.to_string() });
        }
        check_content(number, &step.change)?;
    }
    Ok(())
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
        Change::Modify { .. } | Change::ModifyDn { .. } | Change::Delete { .. } => Ok(()),
    }
}
