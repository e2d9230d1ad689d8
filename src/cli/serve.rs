//! `serve`: serves the endpoints until a signal.

use clap::Args;

use super::Failure;
use super::location::Location;
use crate::config::{Environment, Purpose};
use crate::{app, ops};

/// The arguments of `serve`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    location: Location,
}

/// Serves until a signal.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let environment = Environment::of_process();
    let config = arguments.location.load(&environment, Purpose::Serve)?;
    ops::log::init(&config.log_settings(&environment)).map_err(Failure::of)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::of)?;
    runtime.block_on(app::run(config)).map_err(Failure::of)
}
