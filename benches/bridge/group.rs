//! What a membership change costs beside raw LDAP, by the size of the group, and what a large answer costs in memory.
//!
//! Raw LDAP does what anybody must do who is given ids and keeps none: one search for the group, one for the user, one
//! modify.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use ldap3::{Ldap, LdapResult, Mod, Scope, SearchEntry};
use reqwest::Method;
use scim_ldap_bridge::lab::{Builder, Slapd};
use serde_json::{Value as Json, json};

use super::load::measure;
use super::sides::{Bridge, Raw, Stand, text};

/// The sizes of the groups, and how often one member comes and goes in each.
const SIZES: [(usize, usize); 4] = [(100, 200), (1_000, 200), (10_000, 100), (100_000, 40)];

/// Users who are in no group.
const JOINERS: usize = 5_000;

/// How many values raw LDAP adds with one modify; the bridge does the same.
const CHUNK: usize = 200;

/// A slapd with all groups, set up as the documentation advises for large ones.
fn slapd() -> Builder {
    let mut ldif = String::with_capacity(32 << 20);
    let members = SIZES.iter().map(|(size, _)| *size).max().unwrap_or_default();
    let names = (0..members).map(member).chain((0..JOINERS).map(joiner));
    for name in names {
        let _ = write!(
            ldif,
            "dn: uid={name},ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n\n"
        );
    }
    for (size, _) in SIZES {
        let _ = writeln!(
            ldif,
            "dn: cn=g{size},ou=groups,dc=example,dc=com\nobjectClass: groupOfNames\ncn: g{size}\nmember: cn=nobody,dc=example,dc=com"
        );
        for index in 0..size {
            let _ = writeln!(ldif, "member: uid={},ou=people,dc=example,dc=com", member(index));
        }
        ldif.push('\n');
    }
    Slapd::builder().durable().global("sortvals member").entries(&ldif)
}

fn member(index: usize) -> String {
    format!("m{index:06}")
}

fn joiner(index: usize) -> String {
    format!("x{index:06}")
}

/// Measures and prints everything about groups.
pub(crate) async fn run() -> Result<(), String> {
    let stand = Stand::start(slapd()).await?;
    let known = Known::read(&stand).await?;
    let (raw, bridge) = (Raw::connect(&stand).await?, Bridge::connect(&stand)?);
    println!(
        "\n{:<18}{:>9}{:>16}{:>24}{:>12}{:>14}",
        "one member", "size", "raw modify ms", "raw search+modify ms", "bridge ms", "difference"
    );
    for (size, rounds) in SIZES {
        by_size(&known, &raw, &bridge, size, rounds).await?;
    }
    large_answer(&known, &stand, &bridge).await?;
    many_at_once(&known, &raw, &bridge).await?;
    in_parallel(&known, &raw, &bridge).await?;
    Ok(())
}

/// A large group read whole, again and again: memory that is not given back would add up.
async fn large_answer(known: &Known, stand: &Stand, bridge: &Bridge) -> Result<(), String> {
    println!("before the large answers: {}", stand.memory());
    let size = SIZES[SIZES.len() - 1].0;
    let path = format!("/Groups/{}", known.group(size)?);
    for _ in 0..3 {
        let started = Instant::now();
        let body = bridge.text(&path).await?;
        let took = started.elapsed().as_secs_f64();
        let found = body.matches("{\"value\":").count();
        let size = body.len() as f64 / 1_048_576.0;
        println!("GET of a large group: {found} members, {size:.1} MiB in {took:.1} s; {}", stand.memory());
    }
    Ok(())
}

/// The ids by name.
struct Known(HashMap<String, String>);

impl Known {
    /// Asks as the administrator, whom no size limit holds up.
    async fn read(stand: &Stand) -> Result<Self, String> {
        let mut ldap = stand.administrator().await?;
        let filter = "(|(objectClass=groupOfNames)(&(objectClass=inetOrgPerson)(uid=x*)))";
        let found = ldap.search(stand.suffix(), Scope::Subtree, filter, vec!["entryUUID", "cn"]).await.map_err(text)?;
        let (entries, _) = found.success().map_err(text)?;
        let pair = |entry| {
            let entry = SearchEntry::construct(entry);
            let first = |attr: &str| entry.attrs.get(attr).and_then(|values| values.first()).cloned();
            Some((first("cn")?, first("entryUUID")?))
        };
        Ok(Self(entries.into_iter().filter_map(pair).collect()))
    }

    fn id(&self, name: &str) -> Result<&str, String> {
        self.0.get(name).map(String::as_str).ok_or(format!("`{name}` has no id"))
    }

    fn group(&self, size: usize) -> Result<&str, String> {
        self.id(&format!("g{size}"))
    }
}

async fn by_size(known: &Known, raw: &Raw, bridge: &Bridge, size: usize, rounds: usize) -> Result<(), String> {
    let group = known.group(size)?;
    let mut taken: [[Vec<Duration>; 3]; 2] = Default::default();
    for round in 0..rounds {
        let user = known.id(&joiner(round % JOINERS))?;
        for (at, add) in [(0, true), (1, false)] {
            let begun = Instant::now();
            let modify = change(raw.connection(round), raw, group, user, add).await?;
            taken[at][0].push(modify);
            taken[at][1].push(begun.elapsed());
        }
        for (at, add) in [(0, true), (1, false)] {
            let begun = Instant::now();
            bridge.patch(&format!("/Groups/{group}"), member_operation(user, add)).await?;
            taken[at][2].push(begun.elapsed());
        }
    }
    for (label, [modify, whole, bridge]) in ["add", "remove"].into_iter().zip(taken) {
        let [modify, whole, bridge] = [modify, whole, bridge].map(median);
        println!("{label:<18}{size:>9}{modify:>16.2}{whole:>24.2}{bridge:>12.2}{:>14.2}", bridge - whole);
    }
    Ok(())
}

/// One membership changed by raw LDAP; how long the modify alone took.
async fn change(mut ldap: Ldap, raw: &Raw, group: &str, user: &str, add: bool) -> Result<Duration, String> {
    let mut other = ldap.clone();
    let group = raw.dn_of(&mut ldap, "groups", group);
    let user = raw.dn_of(&mut other, "people", user);
    let (group, user) = tokio::join!(group, user);
    let values = HashSet::from([user?]);
    let change = if add { Mod::Add("member".to_owned(), values) } else { Mod::Delete("member".to_owned(), values) };
    let begun = Instant::now();
    ldap.modify(&group?, vec![change]).await.and_then(LdapResult::success).map_err(text)?;
    Ok(begun.elapsed())
}

fn member_operation(user: &str, add: bool) -> Json {
    json!([{"op": if add { "Add" } else { "Remove" }, "path": "members", "value": [{"$ref": null, "value": user}]}])
}

/// All joiners added with one PATCH, and by raw LDAP with as few operations as it takes, and taken out again.
async fn many_at_once(known: &Known, raw: &Raw, bridge: &Bridge) -> Result<(), String> {
    let group = known.group(1_000)?;
    let users: Vec<&str> = (0..JOINERS).map(|index| known.id(&joiner(index))).collect::<Result<_, _>>()?;
    let mut ldap = raw.connection(0);
    let dn = raw.dn_of(&mut ldap, "groups", group).await?;
    let people: Vec<String> = (0..JOINERS).map(|index| raw.dn(&joiner(index))).collect();
    let values: Vec<Json> = users.iter().map(|id| json!({ "value": id })).collect();
    let mut taken = Vec::new();
    // each side adds all and removes all again, so that both begin with the same group
    for add in [true, false] {
        let begun = Instant::now();
        for chunk in people.chunks(CHUNK) {
            let values: HashSet<String> = chunk.iter().cloned().collect();
            let change = if add { Mod::Add("member".into(), values) } else { Mod::Delete("member".into(), values) };
            ldap.modify(&dn, vec![change]).await.and_then(LdapResult::success).map_err(text)?;
        }
        taken.push(begun.elapsed().as_secs_f64());
    }
    for (op, ours) in ["add", "remove"].into_iter().zip(taken) {
        let begun = Instant::now();
        bridge.patch(&format!("/Groups/{group}"), json!([{"op": op, "path": "members", "value": values}])).await?;
        let theirs = begun.elapsed().as_secs_f64();
        println!(
            "{op} {JOINERS} in one PATCH: raw modifies {ours:.2} s, bridge {theirs:.2} s, ratio {:.2}",
            ours / theirs
        );
    }
    Ok(())
}

/// 32 clients that add one member each, again and again, to one group.
async fn in_parallel(known: &Known, raw: &Raw, bridge: &Bridge) -> Result<(), String> {
    let group = known.group(10_000)?;
    let count = 640;
    let user = |index: usize| known.id(&joiner(index));
    let ours = measure(count, 32, |index| async move {
        change(raw.connection(index), raw, group, user(index)?, true).await.map(drop)
    })
    .await?;
    let theirs = measure(count, 32, |index| async move {
        bridge.patch(&format!("/Groups/{group}"), member_operation(user(count + index)?, true)).await
    })
    .await?;
    println!(
        "32 in flight, one member each, group of 10,000: raw {:.0}/s, bridge {:.0}/s, ratio {:.2}; p50/p99 ms {} and {}",
        ours.rate(),
        theirs.rate(),
        theirs.rate() / ours.rate(),
        ours.quantiles(),
        theirs.quantiles()
    );
    Ok(())
}

/// In milliseconds.
fn median(mut taken: Vec<Duration>) -> f64 {
    taken.sort_unstable();
    taken[taken.len() / 2].as_secs_f64() * 1000.0
}

impl Bridge {
    async fn patch(&self, path: &str, operations: Json) -> Result<(), String> {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({"schemas": [schema], "Operations": operations});
        self.send_text(Method::PATCH, path, Some(body), 204).await.map(drop)
    }

    async fn text(&self, path: &str) -> Result<String, String> {
        self.send_text(Method::GET, path, None, 200).await
    }
}
