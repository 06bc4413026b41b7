//! A tour of the framework. Without arguments it runs on an embedded server:
//!
//! ```sh
//! cargo run --example tour
//! ```
//!
//! It starts a small XMPP server in this process, lets two clients log in to it, and shows plugins starting in order, the way
//! to the session, contacts and their presence, a chat both ways, a room, a connection that is cut with nothing lost, the
//! archive of what was said (with the feature `mam`), and a named promise.
//!
//! With an account it shows the same on a real server; `--server` leads the connection through a local proxy, so that it can be
//! cut there too:
//!
//! ```sh
//! cargo run --example tour -- --jid you@your.server --password secret [--server host:port] [--ca ca.crt]
//! ```
//!
//! `CONVERSE_JID` and `CONVERSE_PASSWORD` stand in for the first two.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tour talks to the person who takes it"
)]

mod tour {
    pub(crate) mod account;
    #[cfg(feature = "mam")]
    pub(crate) mod archive;
    pub(crate) mod embedded;
    pub(crate) mod guide;
    pub(crate) mod options;
    pub(crate) mod rooms;
    pub(crate) mod show;
}

use std::process::ExitCode;
use std::time::Duration;

use converse::prelude::*;

use tour::options::Options;
use tour::{account, embedded};

/// Nobody waits longer for a tour.
const DEADLINE: Duration = Duration::from_secs(60);

#[actix::main]
async fn main() -> ExitCode {
    let options = match Options::from_arguments(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let taken = tokio::time::timeout(DEADLINE, async {
        match options.account {
            Some(account) => account::tour(account).await,
            None => embedded::tour().await,
        }
    });
    match taken.await {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("the tour ended early: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
        Err(_) => {
            eprintln!("the tour did not end within {} s", DEADLINE.as_secs());
            ExitCode::FAILURE
        }
    }
}

/// What a part of the tour ends with.
type Taken = Result<(), BoxError>;
