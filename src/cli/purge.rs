//! `purge`: deletes for good what was deleted by mark long ago.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;

use super::location::Location;
use super::{Failure, say};
use crate::config::{Environment, Purpose};
use crate::fault::parse_duration;
use crate::service::{PurgeOrder, PurgeReport, PurgedEntry};
use crate::{app, ops};

/// The arguments of `purge`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Only this endpoint
    #[arg(long)]
    endpoint: Option<String>,
    /// What was deleted longer ago than this goes, such as `30d`; without it, what `purge_after_days` of the mapping says
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: Option<Duration>,
    /// Say what would go, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Purges every endpoint, also when one of them fails.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let environment = Environment::of_process();
    let config = arguments.location.load(&environment, Purpose::Serve)?;
    ops::log::init(&config.log_settings(&environment)).map_err(Failure::of)?;
    let order = PurgeOrder { older_than: arguments.older_than, dry_run: arguments.dry_run };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::of)?;
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    runtime.block_on(async {
        let endpoints = app::endpoints_that_write(&config).map_err(Failure::of)?;
        let names: Vec<String> = endpoints.iter().map(|endpoint| format!("`{}`", endpoint.name())).collect();
        let wanted = |name: &str| arguments.endpoint.as_deref().is_none_or(|wanted| wanted == name);
        if !endpoints.iter().any(|endpoint| wanted(endpoint.name())) {
            return Err(Failure::Run(format!("no such endpoint; there are {}", names.join(", "))));
        }
        for endpoint in endpoints.iter().filter(|endpoint| wanted(endpoint.name())) {
            match endpoint.purge(order).await {
                Ok(purged) => reports.extend(purged),
                Err(error) => failures.push(format!("endpoint `{}`: {}", endpoint.name(), error.detail())),
            }
        }
        Ok(())
    })?;
    match arguments.json {
        true => say(&format!("{}\n", serde_json::to_string_pretty(&reports).map_err(Failure::of)?)),
        false => say(&text(&reports, order.dry_run)),
    }
    failures.extend(
        reports.iter().filter(|report| !report.failed.is_empty()).map(|report| {
            format!("endpoint `{}`: {} entries could not be deleted", report.endpoint, report.failed.len())
        }),
    );
    if failures.is_empty() { Ok(()) } else { Err(Failure::Run(failures.join("; "))) }
}

fn age(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "expected a time such as `30d` or `12h`".to_owned())
}

/// A line for each resource type, and one for each entry that was due.
fn text(reports: &[PurgeReport], dry_run: bool) -> String {
    let mut text = String::new();
    if reports.is_empty() {
        text.push_str("no endpoint deletes by mark: nothing to do\n");
    }
    let gone = if dry_run { "would be deleted" } else { "deleted" };
    for report in reports {
        let PurgeReport { endpoint, resource_type, deleted, left, failed, not_due, without_age } = report;
        if *without_age {
            let _ = writeln!(
                text,
                "endpoint `{endpoint}`, {resource_type}: nothing, since neither `--older-than` nor `purge_after_days` \
                 says after how long"
            );
            continue;
        }
        let counts = [(deleted.len(), gone), (left.len(), "left"), (failed.len(), "failed"), (*not_due, "not due yet")];
        let counts = counts.map(|(count, what)| format!("{count} {what}")).join(", ");
        let _ = writeln!(text, "endpoint `{endpoint}`, {resource_type}: {counts}");
        for (list, what) in [(deleted, gone), (left, "left"), (failed, "failed")] {
            text.extend(list.iter().map(|entry| line(entry, what)));
        }
    }
    text
}

fn line(entry: &PurgedEntry, what: &str) -> String {
    let since = entry.since.as_ref().map(|since| format!(", deleted at {since}")).unwrap_or_default();
    let reason = entry.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("  {what}: {}{since}{reason}\n", entry.dn)
}
