//! Tells what Entra sent and what the bridge made of it: each request beside its LDIF.

use super::super::{Failure, say};
use super::bed::Bed;
use crate::entra::story::{Chapter, play_with_groups};
use crate::entra::{Client, Dialect, Exchange, Job, Mapping};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write;

/// Plays one life of a tenant and tells it; how many faults it had.
pub(super) async fn tell(bed: &Bed) -> Result<usize, Failure> {
    let client = Client::new(&bed.scim_url, &bed.token, Some(&bed.ca)).map_err(Failure::of)?;
    let mut job = Job::new(client, Dialect::A, Mapping::default_users());
    say(&format!(
        "A private {} at {}, the bridge at {}.\nMicrosoft Entra ID is played by a client that compares all it \
         sends with what it reads back.\n",
        bed.directory().kind().title(),
        bed.directory().tls_url(),
        bed.scim_url
    ));
    let audit = bed.file("audit.jsonl");
    let mut number = 0;
    let chapters = play_with_groups(&mut job, "example.com", |chapter| {
        number += 1;
        let trail = Trail::read(&std::fs::read_to_string(&audit).unwrap_or_default());
        say(&format!("\n{number}. {}\n\n{}", chapter.title, text(chapter, &bed.scim_url, &trail)));
    })
    .await;
    let faults: Vec<String> = chapters.iter().flat_map(|chapter| chapter.report.faults()).collect();
    let (sent, written) = chapters.iter().fold((0, 0), |(sent, written), chapter| {
        (sent + chapter.report.exchanges.len(), written + chapter.report.writes().count())
    });
    say(&match faults.len() {
        0 => format!("\n{sent} requests, {written} of them writes; everything came back as it was sent.\n"),
        count => format!("\n{sent} requests, {written} of them writes; {count} faults:\n{}\n", faults.join("\n")),
    });
    Ok(faults.len())
}

/// The LDIF of each request, by request id.
struct Trail(HashMap<String, String>);

impl Trail {
    /// Reads the audit trail's lines about outcomes.
    fn read(text: &str) -> Trail {
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let outcomes = lines.filter(|line| line["phase"] == "outcome");
        Trail(outcomes.filter_map(|line| Some((line["request_id"].as_str()?.to_owned(), ldif(&line)))).collect())
    }

    /// The LDIF of one request.
    fn of(&self, exchange: &Exchange) -> &str {
        let found = exchange.request_id.as_ref().and_then(|id| self.0.get(id));
        found.map_or("", String::as_str)
    }
}

/// The changes of one audit line, each after its reason; an answer other than success comes after it.
fn ldif(line: &Value) -> String {
    let mut text = String::new();
    for step in line["steps"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "# {}", step["why"].as_str().unwrap_or_default());
        let lines = step["change"].as_array().map_or(&[][..], Vec::as_slice);
        for (index, line) in lines.iter().enumerate() {
            if let Some(readable) = readable(&lines[index..]) {
                let _ = writeln!(text, "# {readable}");
            }
            let _ = writeln!(text, "{}", line.as_str().unwrap_or_default());
        }
        if let Some(outcome) = step["outcome"].as_str().filter(|outcome| *outcome != "success") {
            let _ = writeln!(text, "# answered with {outcome}");
        }
    }
    text
}

/// What the first of these lines of LDIF says in base64, if that is a text. Others may continue it.
fn readable(lines: &[Value]) -> Option<String> {
    let mut lines = lines.iter().filter_map(Value::as_str);
    let (attr, encoded) = lines.next()?.split_once(":: ")?;
    let further = lines.map_while(|line| line.strip_prefix(' '));
    let encoded: String = std::iter::once(encoded).chain(further).collect();
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    (!text.contains(char::is_control)).then(|| format!("{attr}: {text}"))
}

/// One chapter: writes with body and LDIF, reads on one line, reads back only counted.
fn text(chapter: &Chapter, base: &str, trail: &Trail) -> String {
    let mut text = String::new();
    let mut read_back = 0;
    for exchange in &chapter.report.exchanges {
        if exchange.why == "read back" && exchange.is_good() {
            read_back += 1;
            continue;
        }
        let path = exchange.url.strip_prefix(base).unwrap_or(&exchange.url);
        let status = exchange.status.map_or("no answer".to_owned(), |status| status.to_string());
        let _ = writeln!(text, "   {} {path}  ->  {status}   ({})", exchange.method, exchange.why);
        if let Some(body) = exchange.request.as_ref().filter(|_| exchange.is_write()) {
            indent(&mut text, "     ", &serde_json::to_string_pretty(body).unwrap_or_default());
        }
        if exchange.is_write() {
            let ldif = trail.of(exchange);
            indent(&mut text, "     | ", if ldif.is_empty() { "(nothing to change in the directory)" } else { ldif });
            text.push('\n');
        }
        for fault in &exchange.faults {
            let _ = writeln!(text, "     FAULT: {fault}");
        }
    }
    if read_back > 0 {
        let _ = writeln!(text, "   read back {read_back} times, every value as it was sent");
    }
    text
}

/// Each line after a margin.
fn indent(text: &mut String, margin: &str, block: &str) {
    for line in block.lines() {
        let _ = writeln!(text, "{margin}{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::Report;
    use serde_json::json;
    use std::time::Duration;

    fn exchange(method: &str, path: &str, why: &str, request: Option<Value>) -> Exchange {
        Exchange {
            why: why.to_owned(),
            method: method.to_owned(),
            url: format!("https://h/scim/v2{path}"),
            request,
            status: Some(200),
            request_id: Some("r1".to_owned()),
            response: None,
            took: Duration::ZERO,
            faults: Vec::new(),
        }
    }

    #[test]
    fn a_write_stands_beside_its_ldif_and_reads_are_short() {
        let audit = json!({"request_id": "r1", "phase": "outcome", "steps": [
            {"why": "a new title", "change": ["dn: uid=jo", "changetype: modify"], "outcome": "success"}]});
        let intent = json!({"request_id": "r1", "phase": "intent", "steps": []});
        let trail = Trail::read(&format!("{intent}\n{audit}\n"));
        let exchanges = vec![
            exchange("GET", "/Users?filter=x", "probe", None),
            exchange("PATCH", "/Users/1", "update jo", Some(json!({"a": 1}))),
            exchange("GET", "/Users/1", "read back", None),
        ];
        let report = Report { exchanges, faults: Vec::new() };
        let told = text(&Chapter { title: "t", report }, "https://h/scim/v2", &trail);
        let expected = "   GET /Users?filter=x  ->  200   (probe)\n   PATCH /Users/1  ->  200   (update jo)\n     {\n       \
                        \"a\": 1\n     }\n     | # a new title\n     | dn: uid=jo\n     | changetype: modify\n\n   read \
                        back 1 times, every value as it was sent\n";
        assert_eq!(told, expected);
    }

    #[test]
    fn base64_can_be_read_and_an_answer_that_is_as_good_is_told() {
        let audit = json!({"steps": [{"why": "add 1 member", "outcome": "attribute_or_value_exists", "change": [
            "dn:: Y249", " Wm/D", " qw==", "changetype: modify", "member:: /w=="]}]});
        let expected = "# add 1 member\n# dn: cn=Zoë\ndn:: Y249\n Wm/D\n qw==\nchangetype: modify\nmember:: /w==\n\
                        # answered with attribute_or_value_exists\n";
        assert_eq!(ldif(&audit), expected);
    }
}
