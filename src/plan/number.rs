//! Numbers of new entries: drawn from a counter, and looked for before they are used.

use super::{Error, Next, Site};
use crate::ldap::{AttrType, Facts, Value};

/// Attributes with their values.
type Attrs = Vec<(AttrType, Vec<Value>)>;

/// The attributes with the numbers that a new entry gets, or what must be done to know them. A number that another
/// entry has is passed over; one that is not used is not given again.
pub(super) fn numbers(site: &Site<'_>, facts: &Facts) -> Result<Result<Attrs, Next>, Error> {
    let (mut attrs, mut ask) = (Vec::new(), Vec::new());
    for number in &site.mapping.numbers {
        let Some(drawn) = facts.number(&number.counter) else { return Ok(Err(Next::Draw(number.counter.clone()))) };
        if drawn > number.last {
            return Err(Error::UsedUp { counter: number.counter.clone(), last: number.last });
        }
        let query = site.having_within(number.within.as_ref(), &number.attr, &[drawn.to_string()]);
        match facts.get(&query) {
            None => ask.push(query),
            Some([]) => attrs.push((number.attr.clone(), vec![Value::from(drawn.to_string())])),
            Some(_) => return Ok(Err(Next::Draw(number.counter.clone()))),
        }
    }
    Ok(if ask.is_empty() { Ok(attrs) } else { Err(Next::Ask(ask)) })
}
