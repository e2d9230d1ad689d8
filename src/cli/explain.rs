//! `explain`: the LDIF that a request would cause, against the live directory, without changing it.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::Value as Json;

use super::location::Location;
use super::{Failure, say};
use crate::app;
use crate::config::{Environment, Purpose};
use crate::scim::json;
use crate::service::{Caller, Context, Endpoint, Explanation, ResourceKind};

/// How long the directory may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The arguments of `explain`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    location: Location,
    /// The request's method
    #[arg(long, default_value = "POST", value_parser = ["POST", "PUT", "PATCH", "DELETE"], ignore_case = true)]
    method: String,
    /// The request's path below the endpoint: `/Users`, `/Users/<id>`, `/Groups` or `/Groups/<id>`
    #[arg(long, default_value = "/Users")]
    path: String,
    /// The endpoint; needed where the configuration has several
    #[arg(long)]
    endpoint: Option<String>,
    /// The file with the request's body, `-` for standard input; DELETE has none
    request: Option<PathBuf>,
}

/// Explains, and changes nothing.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.location.load(&Environment::of_process(), Purpose::Serve)?;
    let method = arguments.method.to_ascii_uppercase();
    let (kind, id) = resource(&arguments.path)?;
    let body = body(arguments.request.as_ref(), &method)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::of)?;
    let explained = runtime.block_on(async {
        let endpoint = choose(app::endpoints_alone(&config).map_err(Failure::of)?, arguments.endpoint.as_deref())?;
        let ctx = Context {
            caller: Caller("explain".to_owned()),
            request_id: "explain".to_owned(),
            deadline: tokio::time::Instant::now() + PATIENCE,
            base_url: String::new(),
        };
        endpoint.explain(&ctx, kind, &method, id.as_deref(), body).await.map_err(|error| {
            let context =
                error.context().map(|context| format!("\n  our log would say: {context}")).unwrap_or_default();
            Failure::Run(format!("the request would be answered {}: {}{context}", error.status(), error.detail()))
        })
    })?;
    say(&text(&explained));
    Ok(())
}

/// The resource type and, where there is one, the id in a path.
fn resource(path: &str) -> Result<(ResourceKind, Option<String>), Failure> {
    let kinds = [("/Users", ResourceKind::User), ("/Groups", ResourceKind::Group)];
    let split = |(name, kind)| Some((kind, path.trim_end_matches('/').strip_prefix(name)?));
    match kinds.into_iter().find_map(split) {
        Some((kind, "")) => Ok((kind, None)),
        Some((kind, id)) if id.starts_with('/') && !id[1..].contains('/') => Ok((kind, Some(id[1..].to_owned()))),
        _ => Err(Failure::Run(format!("`--path {path}`: expected `/Users`, `/Groups`, or an id behind one of them"))),
    }
}

fn body(file: Option<&PathBuf>, method: &str) -> Result<Json, Failure> {
    let bytes = match file {
        None if method == "DELETE" => return Ok(Json::Null),
        None => return Err(Failure::Run(format!("{method} needs a file with the request's body, or `-`"))),
        Some(file) if file.as_os_str() == "-" => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(Failure::of)?;
            bytes
        }
        Some(file) => {
            std::fs::read(file).map_err(|error| Failure::Run(format!("cannot read `{}`: {error}", file.display())))?
        }
    };
    json::parse(&bytes).map_err(|error| Failure::Run(error.detail().to_owned()))
}

fn choose(endpoints: Vec<Arc<Endpoint>>, name: Option<&str>) -> Result<Arc<Endpoint>, Failure> {
    let names: Vec<String> = endpoints.iter().map(|e| format!("`{}`", e.name())).collect();
    let mut fitting = endpoints.into_iter().filter(|e| name.is_none_or(|name| e.name() == name));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Failure::Run(format!("no such endpoint; there are {}", names.join(", ")))),
        (Some(_), Some(_)) => Err(Failure::Run(format!("say which with `--endpoint`: {}", names.join(", ")))),
    }
}

/// The LDIF; everything else is talk, as comments that LDIF readers skip.
fn text(explained: &Explanation) -> String {
    let Explanation { searches, steps, ignored, dropped } = explained;
    let searches = searches.iter().map(|search| format!("# {search}\n"));
    let ignored = ignored.iter().map(|name| format!("# ignored, since the mapping does not name it: {name}\n"));
    let dropped = dropped.iter().map(|id| format!("# left out, since there is no such resource: {id}\n"));
    let nothing = steps.is_empty().then(|| "# nothing would change\n".to_owned());
    let steps = steps.iter().map(|step| format!("\n{step}\n"));
    searches.chain(ignored).chain(dropped).chain(nothing).chain(steps).collect()
}
