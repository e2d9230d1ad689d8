//! The commands. Each has a file of its own with its arguments and what it does.
//!
//! Standard output is data, standard error is talk. The exit code is 0, 1 when the administrator's files have faults,
//! and 2 when the command could not run.

mod check;
mod demo;
mod explain;
mod failure;
mod location;
mod purge;
mod serve;
mod token;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::failure::Failure;

/// Microsoft Entra ID provisions users and groups over SCIM 2.0 into an LDAP directory.
#[derive(Debug, Parser)]
#[command(name = "scim-ldap-bridge", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the endpoints until SIGTERM or SIGINT
    Serve(serve::Arguments),
    /// Name every fault of the configuration and the mappings
    Check(check::Arguments),
    /// Show the LDIF that a SCIM request would cause, and change nothing
    Explain(explain::Arguments),
    /// Delete for good what was deleted by mark long ago
    Purge(purge::Arguments),
    /// Create, list and revoke bearer tokens
    Token(token::Arguments),
    /// Show the bridge at work on a private directory, and stay up until Ctrl-C
    Demo(demo::Arguments),
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Purge(arguments) => purge::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

/// Writes data to standard output; a reader that went away, as `head` does, is no fault.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }
}
