//! What was said between Entra and the server, and what was wrong with it.

use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Why it was sent, in a few words.
    pub why: String,
    /// The method.
    pub method: String,
    /// The whole URL as it was sent.
    pub url: String,
    /// The body that was sent.
    pub request: Option<Value>,
    /// The status of the answer; `None` when there was no answer.
    pub status: Option<u16>,
    /// The request id that the server answered with, to find its own notes.
    pub request_id: Option<String>,
    /// The body of the answer.
    pub response: Option<Value>,
    /// How long it took.
    pub took: Duration,
    /// What is wrong with the answer; empty when nothing is.
    pub faults: Vec<String>,
}

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The exchanges.
    pub exchanges: Vec<Exchange>,
    /// Faults that belong to no single exchange.
    pub faults: Vec<String>,
}

impl Exchange {
    /// A request that was not answered yet.
    pub(super) fn new(why: String, method: &Method, url: &str, request: Option<Value>) -> Exchange {
        Exchange {
            why,
            method: method.to_string(),
            url: url.to_owned(),
            request,
            status: None,
            request_id: None,
            response: None,
            took: Duration::ZERO,
            faults: Vec::new(),
        }
    }

    /// Whether it was meant to change something.
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }

    /// Whether nothing is wrong with it.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    /// The body of the answer, `null` when there is none.
    pub(super) fn body(&self) -> &Value {
        self.response.as_ref().unwrap_or(&Value::Null)
    }

    /// The `id` in the answer.
    pub(super) fn id(&self) -> Option<&str> {
        self.body()["id"].as_str()
    }
}

impl Report {
    /// The exchanges that were meant to change something.
    pub fn writes(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().filter(|exchange| exchange.is_write())
    }

    /// All faults, each with the exchange that it belongs to.
    pub fn faults(&self) -> Vec<String> {
        let mut all = Vec::new();
        for exchange in &self.exchanges {
            let place = format!("{} {} ({})", exchange.method, exchange.url, exchange.why);
            all.extend(exchange.faults.iter().map(|fault| format!("{place}: {fault}")));
        }
        all.extend(self.faults.iter().cloned());
        all
    }

    /// Whether nothing is wrong with the exchanges from this one on.
    pub(super) fn is_good_since(&self, start: usize) -> bool {
        self.exchanges.iter().skip(start).all(Exchange::is_good)
    }

    /// Appends what happened later.
    pub fn append(&mut self, later: Report) {
        self.exchanges.extend(later.exchanges);
        self.faults.extend(later.faults);
    }
}
