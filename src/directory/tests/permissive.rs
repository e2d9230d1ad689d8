//! Modifies that take what is done already as done ([`crate::ldap::PERMISSIVE_MODIFY`]), on groups.

use super::*;
use crate::directory::Applied;
use crate::lab::{Builder, Overlay};
use crate::ldap::{Mod, ResultCode};

/// Adds or removes values.
type Op = fn(AttrType, Vec<Value>) -> Mod;

/// What to do with which people.
type Step<'a> = (Op, &'a [&'a str]);

/// A server with some people and a group, and a session on it.
struct Bed {
    slapd: Slapd,
    session: Session,
    follows: bool,
}

impl Bed {
    /// With or without `memberOf`, with people `a` to `d` of whom `a` is a member of `team`.
    async fn new(builder: Builder, class: &str, follows: bool) -> Bed {
        Bed::with(builder, class, follows, true).await
    }

    /// The same, with or without the control.
    async fn with(builder: Builder, class: &str, follows: bool, permissive_control: bool) -> Bed {
        let builder = if follows { builder } else { builder.without(Overlay::MemberOf) };
        let slapd = builder.start().unwrap();
        let settings = Settings { permissive_control, ..settings(&[slapd.url()], simple(&slapd)) };
        let session = Directory::new(settings, Metrics::new()).unwrap().session(soon(20)).await.unwrap();
        let bed = Bed { slapd, session, follows };
        for uid in ["a", "b", "c", "d"] {
            assert_eq!(bed.apply(&person(&bed.slapd, uid)).await.code, ResultCode::Success);
        }
        let attrs = vec![
            (attr("objectClass"), vec![class.into()]),
            (attr("cn"), vec!["team".into()]),
            (attr("member"), vec![bed.value("a")]),
        ];
        assert_eq!(bed.apply(&Change::Add { dn: bed.team(), attrs }).await.code, ResultCode::Success);
        bed
    }

    fn team(&self) -> Dn {
        dn(&format!("cn=team,{}", self.slapd.groups()))
    }

    /// A person's DN as a value.
    fn value(&self, uid: &str) -> Value {
        format!("uid={uid},{}", self.slapd.people()).into()
    }

    async fn apply(&self, change: &Change) -> Applied {
        self.session.apply(change, &[]).await.unwrap()
    }

    /// Changes the team permissively.
    async fn modify(&self, mods: &[Step<'_>]) -> Applied {
        let change = |(op, uids): &Step<'_>| op(attr("member"), uids.iter().map(|uid| self.value(uid)).collect());
        let mods = mods.iter().map(change).collect();
        self.apply(&Change::Modify { dn: self.team(), mods, permissive: true }).await
    }

    /// The members' user ids in order, as they are spelled; and each of them says so itself, where it can.
    async fn members(&self) -> Vec<String> {
        let members = self.spelled().await;
        if self.follows {
            let mut lower: Vec<String> = members.iter().map(|uid| uid.to_lowercase()).collect();
            lower.sort_unstable();
            assert_eq!(self.who_says_so().await, lower);
        }
        members
    }

    /// How many modifies were sent.
    fn operations(&self) -> u64 {
        let text = self.session.server.metrics.render();
        let modifies = text.lines().filter(|line| line.contains("operations_total{") && line.contains("\"modify\""));
        super::fault::count(&modifies.collect::<Vec<_>>().join("\n"), "modify")
    }

    async fn spelled(&self) -> Vec<String> {
        let read = Query::entry(self.team(), Filter::Present(attr("objectClass")), vec![attr("member")]);
        let team = self.session.query(&read).await.unwrap().remove(0);
        let uid = |value: &Value| {
            let member = Dn::parse(value.as_str().unwrap()).unwrap();
            member.rdn().unwrap().to_string().split_once('=').unwrap().1.to_owned()
        };
        let mut members: Vec<String> = team.get(&attr("member")).iter().map(uid).collect();
        members.sort_unstable();
        members
    }

    /// The people whose `memberOf` names the team, once.
    async fn who_says_so(&self) -> Vec<String> {
        let mut query = by_uid(&self.slapd, "");
        query.filter = Filter::Present(attr("uid"));
        query.attrs = [attr("uid"), attr("memberOf")].into();
        let people = self.session.query(&query).await.unwrap();
        let says = people.iter().filter(|person| match person.get(&attr("memberOf")) {
            [] => false,
            [one] => Dn::parse(one.as_str().unwrap()).unwrap() == self.team(),
            more => panic!("{more:?}"),
        });
        let mut uids: Vec<String> = says.map(|person| person.first_str(&attr("uid")).unwrap().to_owned()).collect();
        uids.sort_unstable();
        uids
    }
}

#[tokio::test]
async fn what_is_done_already_is_done() {
    for (follows, control) in [(true, true), (false, true), (true, false), (false, false)] {
        let bed = Bed::with(Slapd::builder(), "groupOfNames", follows, control).await;
        let steps: [(&[Step<'_>], &[&str]); 9] = [
            (&[(Mod::add, &["a", "b"])], &["a", "b"]),
            (&[(Mod::add, &["a", "b"])], &["a", "b"]),
            (&[(Mod::delete, &["d"])], &["a", "b"]),
            (&[(Mod::delete, &["c", "d"])], &["a", "b"]),
            (&[(Mod::delete, &["d", "b"])], &["a"]),
            (&[(Mod::add, &["b", "c"]), (Mod::delete, &["a", "d"])], &["b", "c"]),
            (&[(Mod::delete, &["b", "d"]), (Mod::add, &["b", "d"])], &["b", "c", "d"]),
            (&[(Mod::add, &["a", "b"]), (Mod::delete, &["a", "b"])], &["c", "d"]),
            (&[(Mod::add, &["b"]), (Mod::delete, &["c"]), (Mod::add, &["c"])], &["b", "c", "d"]),
        ];
        for (number, (mods, members)) in steps.into_iter().enumerate() {
            let applied = bed.modify(mods).await;
            assert_eq!(applied.code, ResultCode::Success, "step {number}: {}", applied.text);
            assert_eq!(bed.members().await, members, "step {number}, memberOf {follows}, control {control}");
        }
    }
}

/// Which of the values is looked at last decides what OpenLDAP answers, and values travel in any order.
#[tokio::test]
async fn absent_members_are_removed_in_any_order() {
    let bed = Bed::new(Slapd::builder(), "groupOfNames", true).await;
    for round in 0..12 {
        assert_eq!(bed.modify(&[(Mod::add, &["b", "c"])]).await.code, ResultCode::Success, "{round}");
        assert_eq!(bed.modify(&[(Mod::delete, &["b", "d", "c"])]).await.code, ResultCode::Success, "{round}");
        assert_eq!(bed.members().await, ["a"], "{round}");
    }
}

#[tokio::test]
async fn the_last_member_stays_unless_a_placeholder_comes() {
    for follows in [true, false] {
        let bed = Bed::new(Slapd::builder(), "groupOfNames", follows).await;
        assert_eq!(bed.modify(&[(Mod::add, &["b"])]).await.code, ResultCode::Success);
        for mods in [&[(Mod::delete as Op, &["a", "b"][..])], &[(Mod::delete as Op, &["a", "b", "d"][..])]] {
            assert_eq!(bed.modify(mods).await.code, ResultCode::ObjectClassViolation);
            assert_eq!(bed.members().await, ["a", "b"]);
        }
        // the placeholder is no entry, so it says nothing of itself
        let nobody = Mod::add(attr("member"), vec!["cn=nobody".into()]);
        let gone = Mod::delete(attr("member"), ["a", "b", "d"].map(|uid| bed.value(uid)).into());
        let change = Change::Modify { dn: bed.team(), mods: vec![nobody, gone], permissive: true };
        assert_eq!(bed.apply(&change).await.code, ResultCode::Success);
        assert_eq!(bed.spelled().await, ["nobody"]);
        assert_eq!(bed.who_says_so().await, [""; 0]);
        let back =
            vec![Mod::add(attr("member"), vec![bed.value("c")]), Mod::delete(attr("member"), vec!["cn=nobody".into()])];
        let change = Change::Modify { dn: bed.team(), mods: back, permissive: true };
        assert_eq!(bed.apply(&change).await.code, ResultCode::Success);
        assert_eq!(bed.members().await, ["c"]);
    }
}

#[tokio::test]
async fn a_group_that_may_be_empty_becomes_empty() {
    for control in [true, false] {
        let bed = Bed::with(Slapd::builder().rfc2307bis(), "groupOfMembers", true, control).await;
        for _ in 0..2 {
            assert_eq!(bed.modify(&[(Mod::delete, &["a", "b"])]).await.code, ResultCode::Success);
            assert_eq!(bed.members().await, [""; 0]);
        }
        assert_eq!(bed.modify(&[(Mod::add, &["b", "c"])]).await.code, ResultCode::Success);
        assert_eq!(bed.members().await, ["b", "c"]);
    }
}

/// Without the control a large change goes in pieces: few when little of it is done already, and never without end.
#[tokio::test]
async fn a_large_change_costs_few_operations_where_little_of_it_is_done() {
    let bed = Bed::with(Slapd::builder().global("sortvals member"), "groupOfNames", false, false).await;
    let values = |numbers: std::ops::Range<usize>| numbers.map(|n| bed.value(&format!("n{n}"))).collect::<Vec<_>>();
    let cost = async |op: Op, numbers: std::ops::Range<usize>| {
        let before = bed.operations();
        let change =
            Change::Modify { dn: bed.team(), mods: vec![op(attr("member"), values(numbers))], permissive: true };
        assert_eq!(bed.apply(&change).await.code, ResultCode::Success);
        (bed.operations() - before, bed.spelled().await.len())
    };
    assert_eq!(cost(Mod::add, 0..200).await, (1, 201));
    let (one_there, members) = cost(Mod::add, 199..399).await;
    assert!(one_there <= 20 && members == 400, "{one_there} for {members}");
    let (all_there, members) = cost(Mod::add, 0..200).await;
    assert!((200..=280).contains(&all_there) && members == 400, "{all_there} for {members}");
    let (one_absent, members) = cost(Mod::delete, 200..400).await;
    assert!(one_absent <= 20 && members == 201, "{one_absent} for {members}");
}

/// What cannot be done stays refused, whatever of the rest is done already.
#[tokio::test]
async fn a_change_in_pieces_ends_with_the_first_true_refusal() {
    let bed = Bed::with(Slapd::builder(), "groupOfNames", true, false).await;
    let bad = vec![Mod::add(attr("member"), vec![bed.value("a"), "no name".into()])];
    let refused = bed.apply(&Change::Modify { dn: bed.team(), mods: bad, permissive: true }).await;
    assert_eq!(refused.code, ResultCode::InvalidAttributeSyntax, "{}", refused.text);
    let last = vec![Mod::delete(attr("member"), vec![bed.value("a"), bed.value("b")])];
    let refused = bed.apply(&Change::Modify { dn: bed.team(), mods: last, permissive: true }).await;
    assert_eq!(refused.code, ResultCode::ObjectClassViolation, "{}", refused.text);
    assert_eq!(bed.members().await, ["a"]);
    let gone = Change::Modify { dn: dn("cn=gone,dc=example,dc=com"), mods: vec![], permissive: true };
    assert_eq!(bed.apply(&gone).await.code, ResultCode::NoSuchObject);
}

/// A DN is the same whatever its case; what was there first keeps its spelling. Of twins in one list, one comes.
#[tokio::test]
async fn another_spelling_is_the_same_member() {
    for follows in [true, false] {
        let bed = Bed::new(Slapd::builder(), "groupOfNames", follows).await;
        assert_eq!(bed.modify(&[(Mod::add, &["A", "B"])]).await.code, ResultCode::Success);
        assert_eq!(bed.members().await, ["B", "a"]);
        assert_eq!(bed.modify(&[(Mod::add, &["c", "C"])]).await.code, ResultCode::Success);
        assert_eq!(bed.members().await.len(), 3);
        assert_eq!(bed.modify(&[(Mod::add, &["c"]), (Mod::add, &["C"])]).await.code, ResultCode::Success);
        assert_eq!(bed.modify(&[(Mod::delete, &["b"])]).await.code, ResultCode::Success);
        assert_eq!(bed.members().await, ["a", "c"]);
        assert_eq!(bed.modify(&[(Mod::delete, &["C"]), (Mod::delete, &["c"])]).await.code, ResultCode::Success);
        assert_eq!(bed.members().await, ["a"]);
    }
}

#[tokio::test]
async fn members_by_user_id_are_exact() {
    let slapd = Slapd::builder().stock().start().unwrap();
    let session = session(&slapd).await;
    let team = dn(&format!("cn=team,{}", slapd.groups()));
    let attrs = [("objectClass", "posixGroup"), ("cn", "team"), ("gidNumber", "1")];
    let attrs = attrs.map(|(name, value)| (attr(name), vec![value.into()])).into();
    let change = Change::Add { dn: team.clone(), attrs };
    assert_eq!(session.apply(&change, &[]).await.unwrap().code, ResultCode::Success);
    let member = attr("memberUid");
    let post = [member.clone()];
    let modify = async |op: Op, uids: &[&str]| {
        let mods = vec![op(member.clone(), uids.iter().map(|uid| Value::from(*uid)).collect())];
        let change = Change::Modify { dn: team.clone(), mods, permissive: true };
        let applied = session.apply(&change, &post).await.unwrap();
        assert_eq!(applied.code, ResultCode::Success, "{}", applied.text);
        let mut left = applied.entry.map(|entry| entry.get(&member).to_vec()).unwrap_or_default();
        left.sort_unstable();
        left
    };
    assert_eq!(modify(Mod::delete, &["a"]).await, []);
    assert_eq!(modify(Mod::add, &["a", "A"]).await, ["A".into(), "a".into()]);
    assert_eq!(modify(Mod::delete, &["A", "b"]).await, ["a".into()]);
    assert_eq!(modify(Mod::delete, &["a", "b"]).await, []);
}

#[tokio::test]
async fn thousands_of_members_go_into_one_modify() {
    let bed = Bed::new(Slapd::builder().global("sortvals member"), "groupOfNames", true).await;
    let values = |from: usize| (from..from + 5_000).map(|n| bed.value(&format!("n{n}"))).collect();
    let modify = async |op: Op, from: usize| {
        let mods = vec![op(attr("member"), values(from))];
        let applied = bed.apply(&Change::Modify { dn: bed.team(), mods, permissive: true }).await;
        assert_eq!(applied.code, ResultCode::Success, "{}", applied.text);
        bed.spelled().await.len()
    };
    assert_eq!(modify(Mod::add, 0).await, 5_001);
    assert_eq!(modify(Mod::add, 1_000).await, 6_001);
    assert_eq!(modify(Mod::delete, 3_000).await, 3_001);
    assert_eq!(modify(Mod::delete, 0).await, 1);
}
