//! `token`: bearer tokens of endpoints.
//!
//! A token is printed once, when it is made; the token file has its SHA-256 only. The running service sees a changed
//! file by itself.

mod list;

use std::time::Duration;

use clap::{Args, Subcommand};

use super::location::Location;
use super::{Failure, say};
use crate::config::{Config, Environment, Purpose};
use crate::fault::{nearest, parse_duration};
use crate::http::token::{Allow, NewToken, TokenName, TokenSet, TokenText, update};
use crate::ops::Clock;

/// The arguments of `token`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make a token and print it, once
    Create(Create),
    /// List the tokens
    List {
        #[command(flatten)]
        location: Location,
    },
    /// Refuse a token from now on
    Revoke {
        #[command(flatten)]
        location: Location,
        /// The token's name
        #[arg(long)]
        name: String,
    },
}

/// The arguments of `token create`.
#[derive(Args, Debug)]
struct Create {
    #[command(flatten)]
    location: Location,
    /// What logs, metrics and the audit trail call the caller
    #[arg(long)]
    name: String,
    /// The endpoint that the token opens; may be left out when there is only one
    #[arg(long)]
    endpoint: Option<String>,
    /// What the token allows: `read` or `write`
    #[arg(long, default_value = "write")]
    allow: Allow,
    /// A note for people
    #[arg(long)]
    description: Option<String>,
    /// How long the token is valid, such as `365d`; for ever when left out
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    expires: Option<Duration>,
}

/// Runs `token create`, `token list` or `token revoke`.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Create(create) => self::create(create),
        Command::List { location } => {
            let set = TokenSet::read(&load(location)?.http.token_file).map_err(Failure::of)?;
            say(&list::table(&set, Clock::system().now()));
            Ok(())
        }
        Command::Revoke { location, name } => revoke(&load(location)?, name),
    }
}

fn load(location: &Location) -> Result<Config, Failure> {
    location.load(&Environment::of_process(), Purpose::Tokens)
}

fn create(create: &Create) -> Result<(), Failure> {
    let config = load(&create.location)?;
    let endpoint = endpoint(&config, create.endpoint.as_deref())?;
    let now = Clock::system().now();
    let expires = create.expires.map(|after| now.checked_add(after)).transpose().map_err(Failure::of)?;
    let new = NewToken {
        name: TokenName::new(&create.name).map_err(Failure::of)?,
        endpoint: endpoint.clone(),
        allow: create.allow,
        description: create.description.clone(),
        expires,
    };
    let text = TokenText::generate().map_err(Failure::of)?;
    update(&config.http.token_file, |set| set.add(new, &text, now)).map_err(Failure::of)?;
    let file = config.http.token_file.display();
    eprintln!("token `{}` for endpoint `{endpoint}`, shown this once; `{file}` keeps its hash only", create.name);
    say(&format!("{}\n", text.expose()));
    Ok(())
}

/// The endpoint that was named, or the only one there is.
fn endpoint(config: &Config, named: Option<&str>) -> Result<String, Failure> {
    let names = config.endpoints.iter().map(|endpoint| endpoint.name.as_str());
    let all = names.clone().collect::<Vec<_>>().join("`, `");
    match named {
        None if config.endpoints.len() == 1 => Ok(all),
        None => Err(Failure::Run(format!("there are several endpoints\nhint: name one with --endpoint: `{all}`"))),
        Some(name) if names.clone().any(|known| known == name) => Ok(name.to_owned()),
        Some(name) => {
            let hint =
                nearest(name, names).map_or(format!("endpoints here: `{all}`"), |n| format!("did you mean `{n}`?"));
            Err(Failure::Run(format!("no endpoint is named `{name}`\nhint: {hint}")))
        }
    }
}

fn revoke(config: &Config, name: &str) -> Result<(), Failure> {
    let name = TokenName::new(name).map_err(Failure::of)?;
    let token = update(&config.http.token_file, |set| set.revoke(&name)).map_err(Failure::of)?;
    eprintln!("token `{}` for endpoint `{}` is refused from now on", token.name, token.endpoint);
    Ok(())
}

fn duration(text: &str) -> Result<Duration, String> {
    let valid = parse_duration(text).filter(|duration| !duration.is_zero());
    valid.ok_or_else(|| "expected a number and `s`, `min`, `h` or `d`, such as `365d`".to_owned())
}
