//! The arguments.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use converse::prelude::*;

use crate::library::export::Export;
use crate::library::format::Format;

/// What is to be done.
pub(crate) enum Options {
    Account(Box<Account>),
    /// To show it without an account.
    Sample(Format),
}

/// Whose archive, and how to get to the server.
pub(crate) struct Account {
    pub(crate) jid: BareJid,
    /// Asked for if it is nowhere.
    pub(crate) password: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) ca: Option<String>,
    pub(crate) export: Export,
}

const USAGE: &str = "usage: archive_export [--jid user@domain [--password secret] [--server host:port] [--ca ca.crt]
    [--room room@service] [--with user@domain] [--since 2026-01-01 | --since 2026-01-01T08:00:00Z]]
    [--format jsonl|html] [--out FILE]
CONVERSE_JID and CONVERSE_PASSWORD stand in for the first two; without an account it shows a sample";

impl Options {
    /// Reads the arguments; the error is what to tell the user.
    pub(crate) fn from_arguments(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Self, String> {
        let names = [
            "--jid",
            "--password",
            "--server",
            "--ca",
            "--room",
            "--with",
            "--since",
            "--format",
            "--out",
        ];
        let mut values: [Option<String>; 9] = Default::default();
        while let Some(name) = arguments.next() {
            let place = names.iter().position(|known| *known == name);
            let value = place.and_then(|place| values.get_mut(place));
            let value = value.ok_or_else(|| format!("unknown argument `{name}`\n{USAGE}"))?;
            let given = arguments.next();
            *value = Some(given.ok_or_else(|| format!("`{name}` needs a value\n{USAGE}"))?);
        }
        let [jid, password, server, ca, room, with, since, format, out] = values;
        let format = match format.as_deref() {
            None | Some("jsonl") => Format::Jsonl,
            Some("html") => Format::Html,
            Some(other) => return Err(format!("`{other}` is no format\n{USAGE}")),
        };
        let jid = jid.or_else(|| std::env::var("CONVERSE_JID").ok());
        let Some(jid) = jid else {
            let needs_account = [&password, &server, &ca, &room, &with, &since, &out];
            return match needs_account.iter().all(|value| value.is_none()) {
                true => Ok(Self::Sample(format)),
                false => Err(format!("`--jid` is missing\n{USAGE}")),
            };
        };
        let jid: BareJid = parsed("--jid", &jid)?;
        let room: Option<BareJid> = room.map(|room| parsed("--room", &room)).transpose()?;
        let export = Export {
            path: out.map_or_else(
                || path(room.as_ref().unwrap_or(&jid), format),
                PathBuf::from,
            ),
            room,
            with: with.map(|with| parsed("--with", &with)).transpose()?,
            since: since.map(|since| time(&since)).transpose()?,
            format,
        };
        let password = password.or_else(|| std::env::var("CONVERSE_PASSWORD").ok());
        Ok(Self::Account(Box::new(Account {
            jid,
            password,
            server,
            ca,
            export,
        })))
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    value: &str,
) -> Result<T, String> {
    let parsed = value.parse();
    parsed.map_err(|error: T::Err| format!("`{name} {value}` is no address: {error}"))
}

/// A day, which begins in UTC, or an instant.
fn time(value: &str) -> Result<DateTime<Utc>, String> {
    let day = value.parse::<NaiveDate>().ok();
    let day = day.and_then(|day| Some(day.and_hms_opt(0, 0, 0)?.and_utc()));
    let time = day.or_else(|| value.parse().ok());
    time.ok_or_else(|| format!("`--since {value}` is neither a day nor an instant\n{USAGE}"))
}

/// Where an archive is exported to unless somebody says otherwise: a name that every file system takes.
fn path(archive: &BareJid, format: Format) -> PathBuf {
    let plain = |letter: char| match letter {
        '@' | '.' | '-' | '_' => letter,
        _ if letter.is_alphanumeric() => letter,
        _ => '_',
    };
    let name: String = archive.as_str().chars().map(plain).collect();
    PathBuf::from(format!(
        "{name}.{}",
        match format {
            Format::Jsonl => "jsonl",
            Format::Html => "html",
        }
    ))
}
