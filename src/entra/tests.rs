//! The client against servers that answer wrongly: it must notice.

use super::*;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How a server answers: method, path with query, body.
type Answer = fn(&str, &str, Value) -> (u16, Value);

/// A job against a server that answers like this.
async fn job(answer: Answer, dialect: Dialect) -> Job {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/scim", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer));
        }
    });
    let ca = crate::lab::Ca::new("a test").unwrap().pem();
    Job::new(Client::new(&url, "t", Some(&ca)).unwrap(), dialect, Mapping::default_users())
}

/// Answers the requests of one connection.
async fn serve(stream: TcpStream, answer: Answer) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        while stream.read_until(b'\n', &mut head).await.is_ok_and(|read| read > 2) {}
        let head = String::from_utf8(head).unwrap();
        let mut words = head.split(' ');
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await.unwrap();
        let (status, body) = answer(method, path, serde_json::from_slice(&body).unwrap_or_default());
        let body = body.to_string();
        let reply = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(reply.as_bytes()).await.unwrap();
        if head.contains("Connection: close") {
            return;
        }
    }
}

fn empty_list() -> (u16, Value) {
    (200, json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0}))
}

fn not_found() -> (u16, Value) {
    (404, json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "no"}))
}

/// What was sent, with an `id` and a `meta`, without what is empty.
fn echo(mut sent: Value) -> Value {
    sent["id"] = json!("1");
    let members = sent.as_object_mut().unwrap();
    members.shift_remove("roles");
    if !members.contains_key("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User") {
        members["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    }
    sent
}

#[tokio::test]
async fn a_server_without_groups_is_in_quarantine_before_anything_is_written() {
    let answer: Answer = |_, path, _| if path.starts_with("/scim/Groups") { not_found() } else { empty_list() };
    let mut job = job(answer, Dialect::A).await;
    let report = job.cycle(&sample("example.org")).await;
    assert_eq!(report.exchanges.len(), 2);
    assert!(report.exchanges[0].url.contains("/Users?filter=userName+eq+\""), "quotes as they are");
    assert!(report.exchanges[1].url.contains("/Groups?excludedAttributes=members&filter=displayName+eq+%22"));
    assert_eq!(report.faults().len(), 1, "{:?}", report.faults());
}

#[tokio::test]
async fn an_altered_value_and_a_lost_one_are_noticed_in_the_answer_to_a_create() {
    let answer: Answer = |method, _, mut body| match method {
        "POST" => {
            body["emails"][0]["value"] = json!("jo.doe@example.org");
            body.as_object_mut().unwrap().shift_remove("title");
            (201, echo(body))
        }
        _ => empty_list(),
    };
    let mut job = job(answer, Dialect::B).await;
    let tenant = Tenant::new(sample("example.org").users().take(1).cloned());
    let report = job.cycle(&tenant).await;
    let created = report.writes().next().unwrap();
    let expected = [
        "`title` was sent as \"Engineer\" and is absent",
        "`emails[type eq \"work\"].value` was sent as \"Jo.Doe@example.org\" and reads \"jo.doe@example.org\"",
    ];
    assert_eq!(created.faults, expected);
    assert_eq!(job.link(tenant.users().next().unwrap()), Some("1"));
}

#[tokio::test]
async fn a_user_that_reads_back_otherwise_is_patched_and_a_broken_anchor_is_a_fault() {
    let answer: Answer = |method, _, body| match method {
        "POST" => (201, echo(body)),
        "GET" => not_found(),
        _ => (500, json!("oops")),
    };
    let mut job = job(answer, Dialect::A).await;
    let user = User::new("jo@example.org");
    job.links.insert(user.object_id.clone(), "9".to_owned());
    let report = job.on_demand(&user).await;
    let faults = report.faults();
    assert!(faults.last().unwrap().ends_with("status 404 instead of [200]: no"), "{faults:?}");
}

#[tokio::test]
async fn twins_on_the_target_are_skipped() {
    let answer: Answer = |_, path, _| {
        if !path.contains("jo%40x") {
            return empty_list();
        }
        let twin = echo(json!({"userName": "jo@x", "schemas": [], "meta": {"resourceType": "User"}}));
        let list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
        (200, json!({"schemas": [list], "totalResults": 2, "Resources": [twin, twin]}))
    };
    let mut job = job(answer, Dialect::A).await;
    let report = job.cycle(&Tenant::new([User::new("jo@x")])).await;
    assert_eq!(report.writes().count(), 0);
    assert!(report.faults()[0].ends_with("DuplicateTargetEntries: the filter finds more than one"));
}
