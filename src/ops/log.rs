//! The log: what is logged, and how a line looks.
//!
//! Lines go to standard error, one event a line whatever a value contains. Libraries that use the `log` crate (ldap3
//! does) come in through `tracing-log`. Whether standard error is the systemd journal is told from outside, because
//! only `config` and `cli` read the environment.

use std::fmt::{self, Write as _};
use std::os::unix::fs::MetadataExt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter, format};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// ldap3 warns about every answer that arrives after its request was given up; the audit trail is never filtered.
const ALWAYS: &str = "ldap3=error,audit=info";

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text with a time stamp.
    #[default]
    Text,
    /// Text for the systemd journal: no time stamp, the priority in front instead of the level (sd-daemon(3)).
    Journal,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How a line looks.
    pub style: Style,
    /// A level, or levels by target: `info,scim_ldap_bridge::directory=debug`.
    pub filter: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { style: Style::Text, filter: "info".to_owned() }
    }
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter cannot be read.
    #[error("`{part}` in the log filter: {reason}")]
    Filter {
        /// The part of the filter that is wrong.
        part: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Logging was started before.
    #[error("the log is already open")]
    Twice,
}

/// Starts logging for the whole process.
pub fn init(settings: &Settings) -> Result<(), Error> {
    subscriber(settings, std::io::stderr)?.try_init().map_err(|_| Error::Twice)
}

/// What takes the events and writes lines.
fn subscriber<W>(settings: &Settings, writer: W) -> Result<impl Subscriber + Send + Sync, Error>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter(&settings.filter)?;
    let text = format().with_ansi(false);
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    let layer = match settings.style {
        Style::Text => layer.event_format(OneLine { inner: text, priority: false, bare_audit: false }).boxed(),
        Style::Journal => {
            let inner = text.without_time().with_level(false);
            layer.event_format(OneLine { inner, priority: true, bare_audit: false }).boxed()
        }
        Style::Json => {
            let inner = text.json().flatten_event(true);
            layer.json().event_format(OneLine { inner, priority: false, bare_audit: true }).boxed()
        }
    };
    Ok(tracing_subscriber::registry().with(filter).with(layer))
}

/// Reads a filter strictly: a mistyped level would otherwise be taken for a target and let everything through.
pub fn filter(text: &str) -> Result<EnvFilter, Error> {
    for part in text.split(',').map(str::trim).filter(|part| !part.contains(['=', '['])) {
        if !["off", "error", "warn", "info", "debug", "trace"].contains(&part) {
            let reason = "neither `off`, `error`, `warn`, `info`, `debug`, `trace` nor `target=level`".to_owned();
            return Err(Error::Filter { part: part.to_owned(), reason });
        }
    }
    let wrong = |error: tracing_subscriber::filter::ParseError| Error::Filter {
        part: text.to_owned(),
        reason: error.to_string(),
    };
    EnvFilter::builder().parse(format!("{ALWAYS},{text}")).map_err(wrong)
}

/// Whether standard error is the systemd journal, given the value of `JOURNAL_STREAM` (systemd.exec(5)): the device
/// and inode of the stream that systemd connected.
pub fn is_journal(journal_stream: Option<&str>) -> bool {
    let stderr = std::fs::metadata("/proc/self/fd/2").map(|meta| format!("{}:{}", meta.dev(), meta.ino()));
    journal_stream.is_some_and(|stream| stderr.is_ok_and(|stderr| stderr == stream))
}

/// Keeps an event on one line, and puts the journal's priority in front.
struct OneLine<F> {
    inner: F,
    priority: bool,
    bare_audit: bool,
}

impl<S, N, F> FormatEvent<S, N> for OneLine<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::new();
        if self.bare_audit && event.metadata().target() == super::audit::TARGET {
            event.record(&mut Message(&mut line));
        } else {
            self.inner.format_event(ctx, Writer::new(&mut line), event)?;
        }
        if self.priority {
            write!(writer, "<{}>", priority(*event.metadata().level()))?;
        }
        for c in line.trim_end_matches('\n').chars() {
            if c.is_control() { write!(writer, "{}", c.escape_default())? } else { writer.write_char(c)? }
        }
        writeln!(writer)
    }
}

/// The message of an audit event, which is a JSON object already.
struct Message<'l>(&'l mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // Writing to a string does not fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

/// The priorities of syslog(3).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(style: Style, filter: &str, work: impl FnOnce()) -> String {
        let lines = Lines::default();
        let sink = lines.clone();
        let settings = Settings { style, filter: filter.to_owned() };
        tracing::subscriber::with_default(subscriber(&settings, move || sink.clone()).unwrap(), work);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_journal_gets_a_priority_and_no_time() {
        let text = logged(Style::Journal, "info", || {
            tracing::warn!(name = %"a\nforged", "two\nlines");
            tracing::debug!("unseen");
        });
        assert_eq!(text, "<4>scim_ldap_bridge::ops::log::tests: two\\nlines name=a\\nforged\n");
    }

    #[test]
    fn audit_lines_pass_every_filter_and_stay_json() {
        let work = || tracing::info!(target: "audit", "{}", "{\"phase\":\"intent\"}");
        assert_eq!(logged(Style::Json, "off", work), "{\"phase\":\"intent\"}\n");
        assert_eq!(logged(Style::Journal, "error", work), "<6>audit: {\"phase\":\"intent\"}\n");
    }

    #[test]
    fn a_long_audit_line_is_not_cut() {
        let long = format!("{{\"change\":\"{}\"}}", "member: uid=jo,dc=example ".repeat(20_000));
        for (style, before) in [(Style::Json, ""), (Style::Journal, "<6>audit: ")] {
            let text = logged(style, "info", || tracing::info!(target: "audit", "{long}"));
            assert!(text == format!("{before}{long}\n"), "{} of {} bytes", text.len(), long.len());
        }
    }

    #[test]
    fn json_lines_are_json() {
        let text = logged(Style::Json, "debug", || tracing::debug!(n = 1, "hello"));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value["message"], &value["n"]), (&"hello".into(), &1.into()));
    }

    #[test]
    fn a_mistyped_filter_is_refused() {
        for text in ["inof", "info,debgu", "ldap3=loud", "", "info,", "a=b=c"] {
            assert!(filter(text).is_err(), "{text}");
        }
        for text in ["info", "warn,scim_ldap_bridge::directory=debug", "off", "info,[request{id}]=trace"] {
            assert!(filter(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn only_the_stream_that_systemd_connected_is_the_journal() {
        assert!(!is_journal(None));
        assert!(!is_journal(Some("1:1")));
        let meta = std::fs::metadata("/proc/self/fd/2").unwrap();
        assert!(is_journal(Some(&format!("{}:{}", meta.dev(), meta.ino()))));
    }
}
