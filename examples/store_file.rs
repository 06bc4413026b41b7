//! What is in a store of messages: looks for words in it, and writes and reads it as lines of JSON. Without arguments it shows all
//! of that with a store of its own:
//!
//! ```sh
//! cargo run --example store_file --features sqlite
//! ```
//!
//! With the file that the setting `store_path` names, while no client uses it:
//!
//! ```sh
//! cargo run --example store_file --features sqlite -- store.sqlite you@your.server search wherefore art
//! cargo run --example store_file --features sqlite -- store.sqlite you@your.server export you.jsonl
//! cargo run --example store_file --features sqlite -- other.sqlite you@your.server import you.jsonl
//! ```
//!
//! Keys and other secrets stay where they are.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program talks to who runs it"
)]

mod store_file {
    pub(crate) mod sample;
    pub(crate) mod stream;
}

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use converse::core::store::transfer::{Export, Import, Progress};
use converse::core::store::{AccountStore, Search};
use converse::prelude::*;
use converse::sqlite::SqliteStore;
use indicatif::ProgressBar;
use tokio::io::BufReader;

use store_file::sample;
use store_file::stream::FileStream;

const USAGE: &str =
    "usage: store_file [FILE ACCOUNT (search WORDS | export LINES.jsonl | import LINES.jsonl)]";

#[actix::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => sample::show().await,
        [file, account, "search", words @ ..] if !words.is_empty() => {
            act(file, account, async |store| {
                search(store, &words.join(" ")).await
            })
            .await
        }
        [file, account, "export", lines] => {
            act(file, account, async |store| {
                export(store, Path::new(lines)).await
            })
            .await
        }
        [file, account, "import", lines] => {
            act(file, account, async |store| {
                import(store, Path::new(lines)).await
            })
            .await
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Does something with what a file has of an account.
async fn act(
    file: &str,
    account: &str,
    act: impl AsyncFnOnce(&AccountStore) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let store = Arc::new(SqliteStore::open(file)?);
    act(&AccountStore::new(store, account.parse()?)).await
}

/// Shows the newest messages that have all of these words.
async fn search(store: &AccountStore, words: &str) -> Result<(), BoxError> {
    for found in store.search(Search::new(words).limit(20)).await? {
        let time = DateTime::<Utc>::from_timestamp_micros(found.record.place.micros);
        let time = time.unwrap_or_default().format("%F %T");
        let text = found.record.text.unwrap_or_default();
        // What others wrote must not do anything to the terminal.
        println!("{time}  {}: {}", found.log, text.escape_debug());
    }
    Ok(())
}

/// Writes everything but the secrets into a file that is not there yet.
async fn export(store: &AccountStore, lines: &Path) -> Result<(), BoxError> {
    let file = OpenOptions::new().write(true).create_new(true).open(lines);
    let file = file.map_err(|error| format!("{}: {error}", lines.display()))?;
    let bar = ProgressBar::no_length();
    let export = Export::new(store).progress(|progress| show(&bar, progress));
    let exported = export.write(FileStream(file)).await?;
    bar.finish_and_clear();
    println!(
        "{}: {} values and {} records",
        lines.display(),
        exported.values,
        exported.records
    );
    Ok(())
}

/// Adds what a file has to what is there.
async fn import(store: &AccountStore, lines: &Path) -> Result<(), BoxError> {
    let file = File::open(lines).map_err(|error| format!("{}: {error}", lines.display()))?;
    let bar = ProgressBar::no_length();
    let import = Import::new(store).progress(|progress| show(&bar, progress));
    let imported = import.read(BufReader::new(FileStream(file))).await?;
    bar.finish_and_clear();
    println!(
        "{} values and {} records, of which {} were there",
        imported.values, imported.records, imported.skipped
    );
    Ok(())
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_length(progress.total.max(progress.done()));
    bar.set_position(progress.done());
}
