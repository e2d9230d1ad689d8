//! `demo`: a private directory, the bridge before it, and one Entra cycle told as a story.

mod bed;
mod env;
mod story;

use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Failure, say};
use crate::lab::Kind;
use bed::Bed;

/// The arguments of `demo`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Write addresses and secrets as KEY=value lines to this file, once everything answers; it goes when the demo ends
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
    /// Skip the story: start everything, and leave the directory empty
    #[arg(long)]
    quiet: bool,
    /// What kind of directory to start
    #[arg(long, value_name = "KIND", default_value = "openldap")]
    directory: Kind,
    /// Keep the files when the demo ends
    #[arg(long)]
    keep: bool,
}

/// Starts everything, tells the story, and waits for Ctrl-C.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::of)?;
    runtime.block_on(show(arguments))
}

/// The demo from its start to Ctrl-C.
async fn show(arguments: &Arguments) -> Result<(), Failure> {
    let mut end = End::listen()?;
    let mut bed = Bed::make(arguments.directory, arguments.keep)?;
    let faults = tokio::select! {
        faults = tell(&bed, arguments.quiet) => faults?,
        () = end.wait() => return Ok(()),
    };
    if let Some(path) = &arguments.env_file {
        env::write(path, &bed)?;
    }
    say(&env::invitation(&bed));
    end.wait().await;
    bed.stop();
    // what it names is gone, and it holds secrets
    if let Some(path) = &arguments.env_file {
        let _ = std::fs::remove_file(path);
    }
    if let Some(folder) = bed.kept() {
        say(&format!("kept: {}\n", folder.display()));
    }
    match faults {
        0 => Ok(()),
        count => Err(Failure::Run(format!("{count} answers were not what Entra wants, see above"))),
    }
}

/// Tells the story unless it shall be skipped; how many faults it had.
async fn tell(bed: &Bed, quiet: bool) -> Result<usize, Failure> {
    if quiet { Ok(0) } else { story::tell(bed).await }
}

/// Says what was tried when the operating system refused it.
fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Failure {
    let what = what.into();
    move |error| Failure::Run(format!("could not {what}: {error}"))
}

/// The signals that end the demo.
struct End {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl End {
    /// Listens from now on.
    fn listen() -> Result<End, Failure> {
        let listen = |kind| signal(kind).map_err(io("listen for signals"));
        Ok(End {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for one of them.
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
