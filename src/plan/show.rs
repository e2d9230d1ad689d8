//! A plan as annotated LDIF (RFC 2849): what `explain`, the audit trail, golden tests and bug reports show.

use std::fmt;

use super::Plan;
use crate::ldap::ldif;

/// One step of a plan as text, secrets left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The step, counted from 1.
    pub number: usize,
    /// Why the plan has it.
    pub why: String,
    /// The change record.
    pub ldif: String,
}

/// The steps of `plan`, in order.
pub fn show(plan: &Plan) -> Vec<Shown> {
    let shown = |(index, step): (usize, &super::Step)| Shown {
        number: index + 1,
        why: step.why.clone(),
        ldif: ldif::change_record(&step.change),
    };
    plan.steps.iter().enumerate().map(shown).collect()
}

impl fmt::Display for Shown {
    /// The change record under a comment with its number and reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "# {}. {}\n{}", self.number, self.why, self.ldif)
    }
}
