//! Exports an archive of messages, page by page, to a file that can be read on its own. Without an account it shows how on an
//! embedded server with some history:
//!
//! ```sh
//! cargo run --example archive_export
//! ```
//!
//! With an account it exports the archive of that account, or of a room:
//!
//! ```sh
//! cargo run --example archive_export -- --jid you@your.server [--room room@conference.your.server] \
//!     [--with contact@their.server] [--since 2026-01-01] [--format jsonl|html] [--out FILE]
//! ```
//!
//! `CONVERSE_JID` and `CONVERSE_PASSWORD` stand in for `--jid` and `--password`; a password that is nowhere is asked for. Ctrl-C
//! stops it in order. Whatever stops it, the next run goes on behind the last message that is whole in the file; when there is
//! nothing more to export it adds what has been said since.
//!
//! The client is never available, so nobody sees it, and messages that wait for the account go on waiting.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program talks to who runs it"
)]

mod archive_export {
    pub(crate) mod account;
    pub(crate) mod options;
    pub(crate) mod sample;
    pub(crate) mod show;
}
/// What a program of one's own would take over; the tests of it are in `tests/archive_export`.
#[path = "archive_export/library.rs"]
mod library;

use std::process::ExitCode;

use archive_export::options::Options;
use archive_export::{account, sample};

#[actix::main]
async fn main() -> ExitCode {
    let options = match Options::from_arguments(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let exported = match options {
        Options::Account(account) => account::export(*account).await,
        Options::Sample(format) => sample::export(format).await,
    };
    match exported {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nothing more was exported: {}", to_line(&*error));
            ExitCode::FAILURE
        }
    }
}

/// An error with those of its causes that it does not say itself.
fn to_line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}
