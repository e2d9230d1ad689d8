//! The client against servers that answer wrongly: it must notice.

mod groups;
mod server;
mod users;

use super::*;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

/// How a server answers: method, path with query, body.
type Answer = fn(&str, &str, Value) -> (u16, Value);

/// A job against a server that answers like this.
async fn job(answer: impl Fn(&str, &str, Value) -> (u16, Value) + Send + Sync + 'static, dialect: Dialect) -> Job {
    job_behind(None, answer, dialect).await
}

/// The same; no PATCH is answered before as many are waiting as the barrier wants.
async fn job_behind(
    barrier: Option<Arc<Barrier>>,
    answer: impl Fn(&str, &str, Value) -> (u16, Value) + Send + Sync + 'static,
    dialect: Dialect,
) -> Job {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/scim", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, barrier.clone(), answer.clone()));
        }
    });
    let ca = crate::lab::Ca::new("a test").unwrap().pem();
    Job::new(Client::new(&url, "t", Some(&ca)).unwrap(), dialect, Mapping::default_users())
}

/// Answers the requests of one connection.
async fn serve(
    stream: TcpStream,
    barrier: Option<Arc<Barrier>>,
    answer: Arc<impl Fn(&str, &str, Value) -> (u16, Value)>,
) {
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
        if let Some(barrier) = barrier.as_ref().filter(|_| method == "PATCH") {
            barrier.wait().await;
        }
        let (status, body) = answer(method, path, serde_json::from_slice(&body).unwrap_or_default());
        let body = if status == 204 { String::new() } else { body.to_string() };
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
    list(&[])
}

fn list(resources: &[Value]) -> (u16, Value) {
    let urn = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    let mut body = json!({"schemas": [urn], "totalResults": resources.len()});
    if !resources.is_empty() {
        body["Resources"] = json!(resources);
    }
    (200, body)
}

fn error(status: u16, detail: &str) -> (u16, Value) {
    let urn = "urn:ietf:params:scim:api:messages:2.0:Error";
    (status, json!({"schemas": [urn], "status": status.to_string(), "detail": detail}))
}

fn not_found() -> (u16, Value) {
    error(404, "no")
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
