//! What a file is made of: a heading, a line for each message, and an end.

use chrono::{DateTime, Utc};
use converse::prelude::*;
use serde_json::Value;

use super::file::Known;
use super::{html, jsonl};

/// How messages are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A JSON object a line; the first one says what the others are.
    Jsonl,
    /// One page that needs nothing else.
    Html,
}

/// What is in a file.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    /// Whose archive it is from.
    pub(crate) archive: BareJid,
    pub(crate) with: Option<Jid>,
    pub(crate) since: Option<DateTime<Utc>>,
}

impl Heading {
    /// What says whether two exports are the same.
    pub(super) fn to_json(&self) -> Value {
        let since = self.since.map(|since| since.to_rfc3339());
        json!({ "archive": self.archive, "with": self.with, "since": since })
    }
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Message(Known),
    /// Messages are missing here that the archive did not have any more.
    Gap,
}

impl Format {
    pub(crate) fn heading(self, heading: &Heading) -> String {
        match self {
            Self::Jsonl => jsonl::heading(heading),
            Self::Html => html::heading(heading),
        }
    }

    pub(crate) fn message(self, message: &ArchivedMessage) -> Result<String, BoxError> {
        match self {
            Self::Jsonl => jsonl::message(message),
            Self::Html => Ok(html::message(message)),
        }
    }

    pub(crate) fn gap(self) -> &'static str {
        match self {
            Self::Jsonl => jsonl::GAP,
            Self::Html => html::GAP,
        }
    }

    pub(crate) fn end(self) -> &'static str {
        match self {
            Self::Jsonl => "",
            Self::Html => html::END,
        }
    }

    /// Reads a line that was written before; nothing if it is not whole.
    pub(crate) fn read(self, line: &str) -> Option<Line> {
        if line == self.gap() {
            return Some(Line::Gap);
        }
        let known = match self {
            Self::Jsonl => jsonl::read(line),
            Self::Html => html::read(line),
        };
        known.map(Line::Message)
    }
}
