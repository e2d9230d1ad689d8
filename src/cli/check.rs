//! `check`: names every fault of the configuration and the mappings.

use clap::Args;

use super::location::Location;
use super::{Failure, say};
use crate::config::{Environment, Purpose};

/// The arguments of `check`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// Print the effective configuration: files, conf.d and environment merged, defaults filled in
    #[arg(long)]
    print: bool,
}

/// Checks, and prints the configuration when asked to.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.location.load(&Environment::of_process(), Purpose::Check)?;
    for warning in &config.warnings {
        eprintln!("warning: {warning}");
    }
    for danger in config.dangers() {
        eprintln!("warning: `{danger}` is switched on");
    }
    if arguments.print {
        say(&config.print());
    } else {
        eprintln!("{}: no faults", config.file.display());
    }
    Ok(())
}
