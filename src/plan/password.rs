//! Passwords: how that of a new user, or another one, gets into the directory.
//!
//! | form | a new entry | an entry that is there |
//! |---|---|---|
//! | attribute | in the add | in the modify |
//! | extended operation (RFC 3062) | a step after the add | a step of its own |
//! | `unicodePwd` | added disabled, then password and state in one modify | in the modify |
//!
//! Where it takes a step after the add, a stop in between leaves an entry without a password, which nobody can log in
//! to. It can be told from others, so that the same request sets the password when it comes again.

use super::request::Target;
use super::{Answer, Effect, Error, Plan, Site, Step, update};
use crate::ldap::{AttrType, Change, Dn, Entry, Facts, Filter, Mod, ModOp, Query, Value};
use crate::mapping::{Difference, Strategy};
use crate::scim::Resource;
use crate::vendor::{Lock, PasswordForm, Unfinished};

/// Attributes with their values.
type Attrs = Vec<(AttrType, Vec<Value>)>;

const SET: &str = "set the password";

/// Gives the attributes of a new entry what they need for its password; the steps that follow the add.
pub(super) fn of_new(site: &Site<'_>, resource: &Resource, dn: &Dn, attrs: &mut Attrs) -> Result<Vec<Step>, Error> {
    let mapping = site.mapping;
    if let Some(value) = mapping.verbatim_password(resource)? {
        attrs.push((AttrType::known(mapping.profile.password.attr()), vec![value]));
    }
    if mapping.password.is_none() {
        return Ok(Vec::new());
    }
    let password = mapping.new_password(resource, &site.seed);
    let form = &mapping.profile.password;
    let mut steps = match (form, form.unfinished(), password) {
        (_, Some(unfinished), password) => finish(site, resource, dn, attrs, unfinished, password)?,
        (_, None, None) => Vec::new(),
        (PasswordForm::ExtendedOperation(_), None, Some(password)) => {
            let again = lock_again(site, resource).map(|lock| (LOCK, Change::modify(dn.clone(), vec![lock])));
            let set = (SET, form.change(dn, &password));
            std::iter::once(set).chain(again).map(|(why, change)| Step::new(why, change)).collect()
        }
        (_, None, Some(password)) => {
            attrs.extend(form.value(&password).map(|value| (AttrType::known(form.attr()), vec![value])));
            Vec::new()
        }
    };
    // an entry whose password the directory refuses is none that the client knows of
    steps.iter_mut().for_each(|step| step.on_refusal = Some(Change::Delete { dn: dn.clone() }));
    Ok(steps)
}

const LOCK: &str = "lock the account again, which a new password unlocks";

/// Makes the new account one that is not finished, and the step that finishes it.
fn finish(
    site: &Site<'_>,
    resource: &Resource,
    dn: &Dn,
    attrs: &mut Attrs,
    unfinished: Unfinished,
    password: Option<Value>,
) -> Result<Vec<Step>, Error> {
    let attr = AttrType::known(unfinished.attr);
    let at = attrs.iter().position(|(other, _)| *other == attr).unwrap_or_else(|| {
        attrs.push((attr.clone(), vec![Value::from(unfinished.usual.to_string())]));
        attrs.len() - 1
    });
    let finished = std::mem::take(&mut attrs[at].1);
    let begun = finished.first().and_then(number).unwrap_or(unfinished.usual) | unfinished.bits;
    attrs[at].1 = vec![Value::from(begun.to_string())];
    let Some(password) = password else {
        return if update::is_active(resource) { Err(Error::NoPassword) } else { Ok(Vec::new()) };
    };
    let mods = site.mapping.profile.password.replacement(&password).into_iter().chain([Mod::replace(attr, finished)]);
    let why = if update::is_active(resource) { "set the password, and enable the account" } else { SET };
    Ok(vec![Step::new(why, Change::modify(dn.clone(), mods.collect()))])
}

/// The steps for an entry that an add has made and that may be without its password still.
pub(super) fn of_found(
    site: &Site<'_>,
    resource: &Resource,
    entry: &Entry,
    mut attrs: Attrs,
) -> Result<Vec<Step>, Error> {
    let unfinished = site.mapping.profile.password.unfinished();
    if unfinished.is_some_and(|unfinished| !is_begun(entry, unfinished)) {
        return Ok(Vec::new());
    }
    let steps = of_new(site, resource, &entry.dn, &mut attrs)?.into_iter();
    // whether the entry is ours to delete is not known for sure
    Ok(steps.map(|step| Step { on_refusal: None, ..step }).collect())
}

/// Whether a new entry of this endpoint has its password in a step after the add.
pub(super) fn comes_later(site: &Site<'_>) -> bool {
    let form = site.mapping.profile.password;
    site.mapping.makes_passwords() && !matches!(form, PasswordForm::Attribute(_))
}

/// Whether an entry is one that was made and got no password, or the question for it.
pub(super) fn is_missing(site: &Site<'_>, entry: &Entry, facts: &Facts) -> Result<bool, Vec<Query>> {
    if !comes_later(site) {
        return Ok(false);
    }
    if let Some(unfinished) = site.mapping.profile.password.unfinished() {
        return Ok(is_begun(entry, unfinished));
    }
    let attr = AttrType::known(site.mapping.profile.password.attr());
    let filter = Filter::and([site.classes(), Filter::negate(Filter::Present(attr))]);
    let query = Query::entry(entry.dn.clone(), filter, vec![AttrType::known(site.mapping.profile.id_attr)]);
    facts.get(&query).map(|found| !found.is_empty()).ok_or_else(|| vec![query])
}

/// Whether `attr` differs between an entry that was just made and the same one later.
pub(super) fn is_state(site: &Site<'_>, attr: &AttrType) -> bool {
    let unfinished = site.mapping.profile.password.unfinished().filter(|_| comes_later(site));
    unfinished.is_some_and(|unfinished| *attr == AttrType::known(unfinished.attr))
}

/// A new password for an entry that is there.
pub(super) struct Renewal {
    /// What an extended operation is to set.
    operation: Option<Value>,
    /// What takes the enabling back, where the operation does that too and the directory refuses what follows.
    unlocks: Option<Mod>,
}

/// Adds to the changes of an entry what its new password takes.
pub(super) fn renew(
    site: &Site<'_>,
    target: &Target<'_>,
    password: Option<Value>,
    difference: &mut Difference,
) -> Result<Renewal, Error> {
    let profile = site.mapping.profile;
    let mut renewal = Renewal { operation: None, unlocks: None };
    let mut mods = Vec::new();
    let (before, after) =
        (site.mapping.verbatim_password(target.before)?, site.mapping.verbatim_password(target.after)?);
    let mut undo = Vec::new();
    if before != after {
        let attr = || AttrType::known(profile.password.attr());
        undo.push(Mod::replace(attr(), before.into_iter().collect()));
        mods.push(Mod::replace(attr(), after.into_iter().collect()));
    }
    let password = complete(site, target, password, difference)?;
    match (password, profile.password) {
        (None, _) => {}
        (Some(password), PasswordForm::ExtendedOperation(_)) => renewal.operation = Some(password),
        // the state may depend on it
        (Some(password), PasswordForm::UnicodePwd) => {
            difference.mods.splice(0..0, profile.password.replacement(&password));
        }
        (Some(password), form) => mods.extend(form.replacement(&password)),
    }
    let renews = !mods.is_empty() || renewal.operation.is_some();
    site.mapping.extend(target.entry, difference, mods);
    let Some(lock) = lock(site).filter(|_| renews) else {
        difference.undo.extend(undo);
        return Ok(renewal);
    };
    match (update::is_active(target.after), renewal.operation.is_some()) {
        // the operation unlocks the account by itself, and comes before the modify
        (true, true) => {
            let unlocks = difference.mods.iter().any(|m| m.attr == lock.attr);
            difference.mods.retain(|m| m.attr != lock.attr);
            renewal.unlocks = unlocks.then_some(lock);
        }
        (true, false) => {}
        (false, true) => {
            difference.mods.retain(|m| m.attr != lock.attr);
            difference.mods.push(lock);
        }
        (false, false) => {
            difference.mods.retain(|m| m.attr != lock.attr);
            if !undo.is_empty() {
                undo.extend(again(true, &lock));
            }
            let is_locked = !target.entry.get(&lock.attr).is_empty();
            difference.mods.extend(again(is_locked, &lock));
        }
    }
    difference.undo.extend(undo);
    Ok(renewal)
}

/// The password for an entry that may have none yet: where such an account cannot be enabled, it gets one first.
fn complete(
    site: &Site<'_>,
    target: &Target<'_>,
    password: Option<Value>,
    difference: &mut Difference,
) -> Result<Option<Value>, Error> {
    let unfinished = site.mapping.profile.password.unfinished().filter(|_| site.mapping.makes_passwords());
    let Some(unfinished) = unfinished.filter(|unfinished| is_begun(target.entry, *unfinished)) else {
        return Ok(password);
    };
    let enables = update::is_active(target.after) && !update::is_active(target.before);
    let password = match password {
        None if enables => Some(site.mapping.new_password(target.after, &site.seed).ok_or(Error::NoPassword)?),
        password => password,
    };
    if password.is_some() {
        require_password(target.entry, unfinished, difference);
    }
    Ok(password)
}

/// Takes away the bit by which an account needs no password, beside what else happens to the number.
fn require_password(entry: &Entry, unfinished: Unfinished, difference: &mut Difference) {
    let attr = AttrType::known(unfinished.attr);
    let cleared =
        |value: &Value| number(value).map(|number| Value::from((number & !unfinished.not_required).to_string()));
    let changes = difference.mods.iter_mut().find(|m| m.attr == attr && m.op != ModOp::Delete);
    match changes {
        Some(change) => change.values = change.values.iter().filter_map(cleared).collect(),
        None => {
            let old = entry.get(&attr);
            let new = old.iter().filter_map(cleared).collect();
            difference.mods.extend([Mod::delete(attr.clone(), old.to_vec()), Mod::add(attr, new)]);
        }
    }
}

/// What locks an account in a modify that gives it a password, after that: a lock that is taken away by name is not
/// taken away by the server.
fn again(is_locked: bool, lock: &Mod) -> impl Iterator<Item = Mod> {
    let gone = is_locked.then(|| Mod::delete(lock.attr.clone(), Vec::new()));
    gone.into_iter().chain([Mod::add(lock.attr.clone(), lock.values.clone())])
}

/// The attributes that must change in one modify with the password, if it is among these changes.
pub(super) fn together(site: &Site<'_>, mods: &[Mod]) -> Vec<AttrType> {
    let Some(attr) = site.mapping.password_attr().filter(|attr| mods.iter().any(|m| m.attr == *attr)) else {
        return Vec::new();
    };
    let state = site.mapping.profile.lock.map(|lock| AttrType::known(lock.attr()));
    state.into_iter().chain([attr]).collect()
}

impl Renewal {
    /// Puts the extended operation into `plan`. It comes first: it is what a policy refuses, and a lock that it takes away
    /// is set by what follows.
    pub(super) fn join(self, site: &Site<'_>, target: &Target<'_>, plan: &mut Plan) {
        let Some(password) = self.operation else { return };
        let dn = &target.entry.dn;
        let why = if self.unlocks.is_some() { "set the password, which unlocks the account" } else { SET };
        let mut step = Step::new(why, site.mapping.profile.password.change(dn, &password));
        step.undo = self.unlocks.map(|lock| Change::modify(dn.clone(), vec![lock]));
        plan.steps.insert(0, step);
        if let Answer::Entry(_) = plan.answer {
            plan.answer = Answer::Written(dn.clone());
        }
        if plan.effects.is_empty() {
            plan.effects.push(Effect::Updated);
        }
    }
}

/// What locks the account of a disabled user again, where a new password takes the lock away.
fn lock_again(site: &Site<'_>, resource: &Resource) -> Option<Mod> {
    lock(site).filter(|_| !update::is_active(resource))
}

/// What locks an account, where a new password takes the lock away.
fn lock(site: &Site<'_>) -> Option<Mod> {
    let mapping = site.mapping;
    if !mapping.profile.password_unlocks {
        return None;
    }
    let lock = mapping.active.iter().flat_map(|state| &state.strategies).find_map(|strategy| match strategy {
        Strategy::Lock(Lock::Value { attr, value }) => Some((attr, value)),
        _ => None,
    });
    lock.map(|(attr, value)| Mod::replace(AttrType::known(attr), vec![Value::from(*value)]))
}

/// Whether an account is one that never had a password. The bits alone do not say so: others may have set them for an
/// account that has one.
fn is_begun(entry: &Entry, unfinished: Unfinished) -> bool {
    let number = |attr| entry.get(&AttrType::known(attr)).first().and_then(number);
    let has_bits = number(unfinished.attr).is_some_and(|number| number & unfinished.bits == unfinished.bits);
    has_bits && number(unfinished.set_at) == Some(0)
}

fn number(value: &Value) -> Option<u32> {
    value.as_str()?.parse::<i64>().ok().and_then(|number| u32::try_from(number & 0xffff_ffff).ok())
}
