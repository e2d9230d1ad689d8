//! What the bridge costs beside raw LDAP: `make bench`.
//!
//! Both sides work on the same private slapd with the same indexes, in turn, in one run: the bridge over TLS through
//! its release binary, and raw LDAP with the same client crate over as many connections. The load generator shares the
//! machine's cores with both, so the ratio is what counts. `--substring` adds substring indexes on the slapd; `--groups`
//! measures memberships only.

mod group;
mod load;
mod sides;

use std::process::ExitCode;

use load::{Measured, measure};
use scim_ldap_bridge::lab::Slapd;
use sides::{Bridge, Raw, Stand};

/// How often each pair of measurements is taken; the median ratio is printed.
const ROUNDS: usize = 3;

/// Users per round and concurrency.
const USERS: usize = 2_000;

/// How many are in flight.
const CONCURRENCY: [usize; 2] = [1, 16];

fn main() -> ExitCode {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let (substring, groups_only) = (has("--substring"), has("--groups"));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let all = async {
        if !groups_only {
            run(substring).await?;
        }
        group::run().await
    };
    match runtime.block_on(all) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(substring: bool) -> Result<(), String> {
    let mut builder = Slapd::builder().durable();
    if substring {
        builder = builder.line("index uid,cn,mail,displayName sub");
    }
    let stand = Stand::start(builder).await?;
    let (raw, bridge) = (Raw::connect(&stand).await?, Bridge::connect(&stand)?);
    println!("at rest: {}", stand.memory());
    let before = stand.cpu_seconds();
    let mut requests = 0;
    println!(
        "{:<22}{:>5}{:>12}{:>12}{:>9}{:>20}{:>20}",
        "operation", "n", "raw/s", "bridge/s", "ratio", "raw p50/p99 ms", "bridge p50/p99 ms"
    );
    for concurrency in CONCURRENCY {
        for operation in Operation::ALL {
            let mut pairs = Vec::new();
            for round in 0..ROUNDS {
                let pair = measure_pair(operation, &raw, &bridge, concurrency, round).await?;
                requests += pair.1.count;
                pairs.push(pair);
            }
            print_row(operation, concurrency, &mut pairs);
        }
    }
    let cpu = stand.cpu_seconds() - before;
    println!("bridge: {:.2} CPU seconds per 1,000 requests; {}", cpu / requests as f64 * 1000.0, stand.memory());
    println!("LDAP operations per request: {}", stand.operations_per_request(&bridge).await?);
    Ok(())
}

/// What is measured.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Create,
    Lookup,
    Read,
    Patch,
}

impl Operation {
    const ALL: [Self; 4] = [Self::Create, Self::Lookup, Self::Read, Self::Patch];

    fn label(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Lookup => "lookup by userName",
            Self::Read => "read by id",
            Self::Patch => "patch one attribute",
        }
    }

    /// How many in one round: fewer where each is slow because nothing else is in flight.
    fn count(self, concurrency: usize) -> usize {
        if concurrency == 1 { USERS / 4 } else { USERS }
    }
}

async fn measure_pair(
    operation: Operation,
    raw: &Raw,
    bridge: &Bridge,
    concurrency: usize,
    round: usize,
) -> Result<(Measured, Measured), String> {
    let count = operation.count(concurrency);
    // names that sort alike and are of one length, so that both sides write the same
    let name = move |side: &str, index: usize| format!("{side}{concurrency:02}{round}{index:05}");
    let ours = measure(count, concurrency, |index| raw.perform(operation, name("r", index))).await?;
    let theirs = measure(count, concurrency, |index| bridge.perform(operation, name("b", index))).await?;
    Ok((ours, theirs))
}

fn print_row(operation: Operation, concurrency: usize, pairs: &mut [(Measured, Measured)]) {
    pairs.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let (raw, bridge) = &pairs[pairs.len() / 2];
    println!(
        "{:<22}{:>5}{:>12.0}{:>12.0}{:>9.2}{:>20}{:>20}",
        operation.label(),
        concurrency,
        raw.rate(),
        bridge.rate(),
        bridge.rate() / raw.rate(),
        raw.quantiles(),
        bridge.quantiles()
    );
}

fn ratio(pair: &(Measured, Measured)) -> f64 {
    pair.1.rate() / pair.0.rate()
}
