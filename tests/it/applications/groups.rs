//! The applications' groups: those that Entra provisions, a default one for everybody, and none.

use super::{CONFIGCAT, CONNECTER, PROMAPP, WORKTEAM, life};
use crate::support::bridge::Setup;
use crate::support::ldap::{Ldap, values};
use scim_ldap_bridge::entra::{Dialect, MemberPatches, story};
use scim_ldap_bridge::lab::{Overlay, Slapd};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn configcat_with_groups_works_whole() {
    for (dialect, member_patches) in [(Dialect::A, MemberPatches::Parallel), (Dialect::B, MemberPatches::Gathered(100))]
    {
        let slapd = Slapd::builder().without(Overlay::PPolicy).start().unwrap();
        let bridge = Setup::new(&slapd).mapping(CONFIGCAT.mapping).path(CONFIGCAT.path).groups("").start();
        let mut job = bridge.job(dialect, CONFIGCAT.mapping());
        job.member_patches = member_patches;
        let chapters = story::play_with_groups(&mut job, "example.org", |_| {}).await;
        let faults: Vec<String> = chapters.iter().flat_map(|chapter| chapter.report.faults()).collect();
        assert!(faults.is_empty(), "{dialect:?}:\n{}\n{}", faults.join("\n"), bridge.log());

        let mut admin = Ldap::admin(&slapd).await;
        let jo = admin.person(&slapd, "(uid=jo.doe@example.org)").await.dn;
        let team = admin.search_one_level(&slapd.groups(), "(cn=Team Den Haag & Zo\\c3\\ab's)").await.remove(0);
        let object_id = values(&team, "scimExternalId").concat();
        assert_eq!(team.dn, format!("scimExternalId={object_id},{}", slapd.groups()));
        assert_eq!(values(&team, "member"), ["cn=nobody,dc=example,dc=com", jo.as_str()]);
        let http = bridge.http();
        for key in
            [format!("externalId+eq+%22{object_id}%22"), "displayName+eq+%22TEAM+den+haag+%26+zo%C3%AB's%22".into()]
        {
            let found = http.get(&format!("/Groups?excludedAttributes=members&filter={key}")).await.body;
            assert_eq!(found["totalResults"], 1, "{key}: {found}");
            let group = &found["Resources"][0];
            assert_eq!(
                (&group["displayName"], &group["externalId"]),
                (&json!("Team Den Haag & Zoë's"), &json!(object_id))
            );
            assert_eq!(group.get("members"), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workteam_puts_everybody_into_the_default_workspace() {
    let workspace = "cn=Default workspace,ou=groups,dc=example,dc=com";
    let entry = format!(
        "dn: {workspace}\nobjectClass: groupOfNames\ncn: Default workspace\nmember: cn=nobody,dc=example,dc=com\n"
    );
    let slapd = Slapd::builder().entries(&entry).start().unwrap();
    let setup = Setup::new(&slapd).mapping(WORKTEAM.mapping).path(WORKTEAM.path);
    let bridge = setup.groups(&format!("default = ['{workspace}']")).start();
    let (http, mut admin) = (bridge.http(), Ldap::admin(&slapd).await);
    let mut job = bridge.job(Dialect::A, WORKTEAM.mapping());
    job.provision_groups = false;
    life(&mut job, &bridge, &http).await;
    let mut members = async || {
        let found = admin.search(&slapd.groups(), "(cn=default workspace)").await;
        let members: Vec<String> = values(&found[0], "member").into_iter().map(str::to_owned).collect();
        members
    };
    let nobody = "cn=nobody,dc=example,dc=com".to_owned();
    // renamed and still in it; the other one was deleted
    let jo = format!("uid=jo.roe@example.org,{}", slapd.people());
    assert_eq!(members().await, [nobody.clone(), jo.clone()]);
    let created = http.post("/Users", &json!({"userName": "al@example.org", "active": false})).await;
    assert_eq!(created.status, 201, "{created:?}");
    let al = format!("uid=al@example.org,{}", slapd.people());
    assert_eq!(members().await, [nobody.clone(), al.clone(), jo.clone()]);
    // who was taken out by hand is not put in again by a change
    let listed = http.get("/Groups").await.body["Resources"][0].clone();
    let path = format!("/Groups/{}", listed["id"].as_str().unwrap());
    assert_eq!((&listed["displayName"], listed["members"].as_array().unwrap().len()), (&json!("Default workspace"), 2));
    let id = created.body["id"].as_str().unwrap();
    let removed = http.patch(&path, json!([{"op": "Remove", "path": "members", "value": [{"value": id}]}])).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    let changed = http.patch(&format!("/Users/{id}"), json!([{"op": "Add", "path": "title", "value": "x"}])).await;
    assert_eq!(changed.status, 200);
    assert_eq!(members().await, [nobody, jo]);
    // without the workspace nobody is made who would not be in it
    assert_eq!(http.delete(&path).await.status, 204);
    let refused = http.post("/Users", &json!({"userName": "kim@example.org"})).await;
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().contains("default"), "{refused:?}");
    assert_eq!(http.get("/Users?filter=userName+eq+%22kim%40example.org%22").await.body["totalResults"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn connecter_and_promapp_have_no_groups_and_say_so() {
    let slapd = Slapd::builder().start().unwrap();
    for application in [&CONNECTER, &PROMAPP] {
        let bridge = application.start(&slapd);
        let http = bridge.http();
        let listed = http.get("/Groups?excludedAttributes=members&filter=displayName+eq+%22x%22").await;
        assert_eq!((listed.status, &listed.body["totalResults"]), (200, &json!(0)), "Test Connection asks for it");
        assert_eq!(http.post("/Groups", &json!({"displayName": "x"})).await.status, 501);
        assert_eq!(http.get("/Groups/6f1c1f6e-2b1d-4c8a-9a53-0d7c5f0e8a11").await.status, 404);
        let types = http.get("/ResourceTypes").await.body;
        assert_eq!((&types["totalResults"], &types["Resources"][0]["name"]), (&json!(1), &json!("User")));
    }
}
