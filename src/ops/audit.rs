//! The audit trail: who had what changed in the directory, one JSON object a line.
//!
//! A plan is recorded as an *intent* before its first step and as an *outcome* before the request is answered, so that
//! a killed process leaves at most an intent without an outcome. Syncing to the disk is batched, since a sync per
//! request would cost more than the request. The trail never fails a request: what cannot be written is counted and
//! logged.
//!
//! A line is as long as its plan: it is the record of who did what, so nothing is cut short.

mod file;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use self::file::AuditFile;
use super::clock::Clock;
use super::metrics::Metrics;

/// The log target of audit lines when no file is set.
pub const TARGET: &str = "audit";

/// Whether a record says what will be done or what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Before the first step.
    #[default]
    Intent,
    /// After the last step.
    Outcome,
}

/// One change of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditStep {
    /// Why the plan has this step.
    pub why: String,
    /// The change as lines of LDIF, secret values redacted.
    pub change: Vec<String>,
    /// What became of it: a result code, or why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// One line of the audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditRecord {
    /// The request that caused it, as in the log.
    pub request_id: String,
    /// The name of the token that the client showed.
    pub caller: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// Intent or outcome.
    pub phase: Phase,
    /// `create`, `replace`, `patch` or `delete`.
    pub verb: &'static str,
    /// `User` or `Group`.
    pub resource_type: &'static str,
    /// The resource's id, when it has one already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// The plan's changes in order.
    pub steps: Vec<AuditStep>,
    /// Attributes that the client sent and the mapping does not name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// Members that the client sent and that are left out, since no resource of the endpoint is meant: their ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unresolved: Vec<String>,
    /// The HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it failed, for the administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A record with its time.
#[derive(Serialize)]
struct Line<'r> {
    time: String,
    #[serde(flatten)]
    record: &'r AuditRecord,
}

/// Where audit lines go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    /// The log, under the target `audit`.
    #[default]
    Log,
    /// A file, appended to.
    File(PathBuf),
}

/// Writes the audit trail; cheap to clone.
#[derive(Clone)]
pub struct AuditLog {
    file: Option<Arc<AuditFile>>,
    metrics: Metrics,
    clock: Clock,
}

impl AuditLog {
    /// Opens the trail.
    pub fn open(sink: Sink, metrics: Metrics, clock: Clock) -> io::Result<Self> {
        let file = match sink {
            Sink::Log => None,
            Sink::File(path) => Some(Arc::new(AuditFile::open(path, metrics.clone())?)),
        };
        Ok(Self { file, metrics, clock })
    }

    /// Writes one record.
    pub fn record(&self, record: &AuditRecord) {
        let line = Line { time: self.clock.now().to_string(), record };
        match self.write(&line) {
            Ok(()) => self.metrics.audit_written(),
            Err(error) => self.metrics.audit_failed(&error),
        }
    }

    /// Opens the file by its name again, after it was rotated; keeps the open one when that fails.
    pub fn reopen(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.reopen())
    }

    /// Syncs what was written to the disk.
    pub fn flush(&self) {
        if let Some(file) = &self.file {
            file.sync();
        }
    }

    fn write(&self, line: &Line<'_>) -> io::Result<()> {
        let mut json = serde_json::to_string(line)?;
        match &self.file {
            None => tracing::info!(target: TARGET, "{json}"),
            Some(file) => {
                json.push('\n');
                file.append(json.as_bytes())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn record(id: &str) -> AuditRecord {
        AuditRecord { request_id: id.to_owned(), verb: "create", resource_type: "User", ..AuditRecord::default() }
    }

    fn ids(path: &std::path::Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.map(|line| line["request_id"].as_str().unwrap().to_owned()).collect()
    }

    fn open(path: PathBuf) -> (AuditLog, Metrics) {
        let metrics = Metrics::new();
        (AuditLog::open(Sink::File(path), metrics.clone(), Clock::fixed(jiff::Timestamp::UNIX_EPOCH)).unwrap(), metrics)
    }

    #[test]
    fn a_line_says_who_and_what() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.log");
        let (log, metrics) = open(path.clone());
        let step = AuditStep { why: "new".into(), change: vec!["dn: uid=jo".into()], outcome: None };
        log.record(&AuditRecord { steps: vec![step], ..record("r1") });
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "{\"time\":\"1970-01-01T00:00:00Z\",\"request_id\":\"r1\",\"caller\":\"\",\"endpoint\":\"\",\
             \"phase\":\"intent\",\"verb\":\"create\",\"resource_type\":\"User\",\
             \"steps\":[{\"why\":\"new\",\"change\":[\"dn: uid=jo\"]}]}\n"
        );
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o137, 0, "nobody else may read it");
        assert!(metrics.render().contains("scim_ldap_bridge_ops_audit_records_total 1"));
    }

    #[test]
    fn a_group_with_many_members_is_one_line_with_all_of_them() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.log");
        let (log, _) = open(path.clone());
        let change: Vec<_> = (0..5_000).map(|n| format!("member: uid=user{n},ou=people,dc=example,dc=com")).collect();
        let step = AuditStep { why: "add members".into(), change: change.clone(), outcome: None };
        let unresolved: Vec<_> = (0..50).map(|n| format!("id-{n}")).collect();
        log.record(&AuditRecord { steps: vec![step], unresolved: unresolved.clone(), ..record("r1") });
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["steps"][0]["change"], serde_json::json!(change));
        assert_eq!(line["unresolved"], serde_json::json!(unresolved));
    }

    #[test]
    fn rotation_loses_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let (path, rotated) = (directory.path().join("audit.log"), directory.path().join("audit.log.1"));
        let (log, _) = open(path.clone());
        log.record(&record("a"));
        fs::rename(&path, &rotated).unwrap();
        log.record(&record("b"));
        log.reopen().unwrap();
        log.record(&record("c"));
        log.flush();
        assert_eq!((ids(&rotated), ids(&path)), (vec!["a".into(), "b".into()], vec!["c".into()]));
    }

    #[test]
    fn threads_do_not_mix_lines() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.log");
        let (log, _) = open(path.clone());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|n| log.record(&record(&n.to_string()))));
            }
        });
        assert_eq!(ids(&path).len(), 200);
    }

    #[test]
    fn a_full_disk_is_counted_and_fails_nothing() {
        let (log, metrics) = open("/dev/full".into());
        log.record(&record("a"));
        assert!(metrics.render().contains("scim_ldap_bridge_ops_audit_failures_total 1"));
    }
}
