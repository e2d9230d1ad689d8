//! Many clients add and remove members of one group at the same time, through two bridges: in the end exactly those are
//! members that the answers imply.

use super::caller::{Caller, progress};
use super::crowd::{Chance, Crowd, change};
use scim_ldap_bridge::lab::Slapd;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many clients write at once.
const CLIENTS: usize = 64;

/// How many users only one client adds and removes, for each client.
const OWN: usize = 4;

/// How many users every client adds, and how many every client removes.
const SHARED: usize = 16;

/// Who is whose.
struct Roles {
    own: Vec<Vec<String>>,
    coming: Vec<String>,
    leaving: Vec<String>,
}

impl Roles {
    fn of(crowd: &Crowd) -> Roles {
        let (own, shared) = crowd.users.split_at(CLIENTS * OWN);
        let (coming, leaving) = shared.split_at(SHARED);
        let own = own.chunks(OWN).map(<[String]>::to_vec).collect();
        Roles { own, coming: coming.to_vec(), leaving: leaving.to_vec() }
    }
}

/// A group, and who is in it: those whom all remove, and every second of those whom one client has.
async fn begin(crowd: &Crowd, roles: &Roles) -> (String, BTreeMap<String, bool>) {
    let own = roles.own.iter().flat_map(|own| own.iter().enumerate());
    let own = own.map(|(index, id)| (id.clone(), index % 2 == 0));
    let at_first: BTreeMap<String, bool> = own.chain(roles.leaving.iter().map(|id| (id.clone(), true))).collect();
    let members = at_first.iter().filter(|(_, present)| **present).map(|(id, _)| id.clone());
    let group = crowd.group("Team", &members.collect::<Vec<String>>()).await;
    (group, at_first)
}

/// A client that changes the membership of its own users, and of those that all share.
struct Client {
    callers: [Caller; 2],
    group: String,
    own: Vec<String>,
    coming: Vec<String>,
    leaving: Vec<String>,
    chance: Chance,
    /// Whether each user was added or removed by the last request that was answered.
    last: BTreeMap<String, bool>,
    repeats: usize,
}

impl Client {
    /// Writes until `goes_on` says no.
    async fn run(mut self, goes_on: impl Fn(usize) -> bool) -> Client {
        let mut round = 0;
        while goes_on(round) {
            self.round().await;
            round += 1;
        }
        self.repeats = self.callers.iter().map(Caller::repeats).sum();
        self
    }

    /// One of its own users twice at the same time, through both bridges, and a shared one beside it.
    async fn round(&mut self) {
        let own = self.own[self.chance.below(OWN)].clone();
        let (present, spelling, first) = (self.chance.below(2) == 0, self.chance.below(2), self.chance.below(2));
        let joins = self.chance.below(2) == 0;
        let shared = if joins { &self.coming } else { &self.leaving };
        let shared = shared[self.chance.below(SHARED)].clone();
        let again = self.chance.below(3) == 0;
        let [one, other] = [&self.callers[first], &self.callers[1 - first]];
        let twin = async {
            if again {
                change(other, &self.group, &own, present, spelling + 1).await;
            }
        };
        let beside = change(other, &self.group, &shared, joins, spelling);
        tokio::join!(change(one, &self.group, &own, present, spelling), twin, beside);
        self.last.extend([(own, present), (shared, joins)]);
    }
}

/// The clients, ready to write.
fn clients<'a>(crowd: &'a Crowd, roles: &'a Roles, group: &'a str) -> impl Iterator<Item = Client> + 'a {
    roles.own.iter().enumerate().map(|(number, own)| Client {
        callers: crowd.callers(),
        group: group.to_owned(),
        own: own.clone(),
        coming: roles.coming.clone(),
        leaving: roles.leaving.clone(),
        chance: Chance::of(number),
        last: BTreeMap::new(),
        repeats: 0,
    })
}

/// What the answers imply.
fn implied(at_first: BTreeMap<String, bool>, done: &[Client]) -> BTreeSet<String> {
    let mut state = at_first;
    for client in done {
        state.extend(client.last.clone());
    }
    state.into_iter().filter(|(_, present)| *present).map(|(id, _)| id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_lost_or_left_among_64_clients_and_two_bridges() {
    let crowd = Crowd::gather(Slapd::builder(), CLIENTS * OWN + 2 * SHARED).await;
    let roles = Roles::of(&crowd);
    let (group, at_first) = begin(&crowd, &roles).await;
    let running: Vec<_> =
        clients(&crowd, &roles, &group).map(|client| tokio::spawn(client.run(|round| round < 6))).collect();
    let mut done = Vec::new();
    for client in running {
        done.push(client.await.expect("a client without a complaint"));
    }
    crowd.are_members(&group, &implied(at_first, &done)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_was_acknowledged_is_lost_when_the_directory_is_killed() {
    let mut crowd = Crowd::gather(Slapd::builder().durable(), CLIENTS * OWN + 2 * SHARED).await;
    let roles = Roles::of(&crowd);
    let (group, at_first) = begin(&crowd, &roles).await;
    let stop = Arc::new(AtomicBool::new(false));
    let goes_on = |stop: Arc<AtomicBool>| move |_| !stop.load(Ordering::Relaxed);
    let running: Vec<_> =
        clients(&crowd, &roles, &group).map(|client| tokio::spawn(client.run(goes_on(stop.clone())))).collect();
    for pause in [5, 300, 1000] {
        progress(&crowd.answered, 150).await;
        tokio::task::block_in_place(|| {
            crowd.slapd.kill();
            std::thread::sleep(Duration::from_millis(pause));
            crowd.slapd.start().unwrap();
        });
    }
    progress(&crowd.answered, 150).await;
    stop.store(true, Ordering::Relaxed);
    let mut done = Vec::new();
    for client in running {
        done.push(client.await.expect("a client without a complaint"));
    }
    let repeats: usize = done.iter().map(|client| client.repeats).sum();
    assert!(repeats > 3, "{repeats} requests met an outage");
    crowd.are_members(&group, &implied(at_first, &done)).await;
}
