//! The format of the cases, as far as it is the same for all of them.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::scripted::RosterItem;

/// How much depends on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The framework is wrong without it.
    Must,
    /// It is wrong without a good reason.
    Should,
    /// It is better with it.
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        })
    }
}

/// How far the session is when the steps begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Nobody has logged in.
    Offline,
    /// Stream headers are exchanged.
    Raw,
    /// The handshake is next.
    Tls,
    /// The stream header after TLS is answered.
    TlsDone,
    /// Resource binding is next.
    Authenticated,
    /// The resource is bound just now.
    Bound,
    /// Roster and presence are done.
    #[default]
    Online,
}

/// What is there before the steps begin.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Setup {
    /// How far the session is.
    pub phase: Phase,
    /// What `initialize` is given.
    pub settings: Map<String, Value>,
    /// Stream features after the login: `sm`, `csi`, `rosterver`.
    pub stream_features: Vec<String>,
    /// What the domain offers (XEP-0030).
    pub server_features: Vec<String>,
    /// What the account offers.
    pub account_features: Vec<String>,
    /// The roster on the server.
    pub roster: Vec<RosterItem>,
    /// Its version.
    pub rosterver: Option<String>,
    /// Rooms that are entered already.
    pub rooms: Vec<Value>,
    /// Chats that are open, with their messages.
    pub chats: Vec<Value>,
    /// What an earlier run of the application stored.
    pub cache: Map<String, Value>,
    /// What the server grants of stream management.
    pub sm: StreamManagementSetup,
    /// The SASL mechanisms of the server.
    pub sasl: Option<Vec<String>>,
    /// Which requests the server answers by itself.
    pub auto: Option<Vec<String>>,
}

/// What the server grants of stream management (XEP-0198).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StreamManagementSetup {
    /// Whether a session can be resumed.
    pub resume: bool,
}

impl Default for StreamManagementSetup {
    fn default() -> Self {
        Self { resume: true }
    }
}

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Case {
    /// By which it is called.
    pub id: String,
    /// What it is about.
    pub area: String,
    /// The same as a sentence.
    #[serde(default)]
    pub title: String,
    /// How much depends on it.
    pub level: Level,
    /// What is there before.
    #[serde(default)]
    pub setup: Value,
    /// What happens and what is expected.
    pub steps: Vec<Map<String, Value>>,
}

impl Case {
    /// Whether a stanza of its steps is about this namespace.
    pub(super) fn speaks_of(&self, ns: &str) -> bool {
        let mut values = self.steps.iter().flat_map(|step| step.values());
        values.any(|value| value.to_string().contains(ns))
    }

    /// What its steps expect the client to send before anything else happens: that may have been sent at the login.
    pub(super) fn expected_at_once(&self) -> Vec<&str> {
        let patterns = self.steps.iter().map_while(|step| step.get("expect_send"));
        let patterns = patterns.filter_map(|expected| expected.get("match")?.as_str());
        patterns.collect()
    }

    /// The events that its steps speak of.
    pub(super) fn event_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for step in &self.steps {
            for (kind, value) in step {
                let event = match kind.as_str() {
                    "expect_event" | "expect_no_event" => value.get("name"),
                    "expect_send" => value.get("or_event").and_then(|event| event.get("name")),
                    _ => None,
                };
                if let Some(name) = event.and_then(Value::as_str) {
                    names.push(name.to_owned());
                }
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// What is to hold of the whole run.
    pub(super) fn invariants(&self) -> impl Iterator<Item = (&String, &Value)> {
        let steps = self
            .steps
            .iter()
            .filter_map(|step| step.get("expect_invariant"));
        steps.filter_map(Value::as_object).flatten()
    }

    /// The scripted operations of this name.
    pub(super) fn controls<'a>(&'a self, op: &'a str) -> impl Iterator<Item = &'a Value> {
        let controls = self.steps.iter().filter_map(|step| step.get("control"));
        controls.filter(move |control| control.get("op").and_then(Value::as_str) == Some(op))
    }
}

/// The cases of a file; entries without steps are tables for people and are skipped.
#[derive(Debug)]
pub(super) struct File {
    pub(super) cases: Vec<Case>,
    pub(super) skipped: usize,
}

pub(super) fn read(path: &Path) -> Result<File, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let entries: Vec<Value> =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut file = File {
        cases: Vec::new(),
        skipped: 0,
    };
    for entry in entries {
        if entry.get("steps").is_none() {
            file.skipped += 1;
            continue;
        }
        let case = serde_json::from_value(entry)
            .map_err(|error| format!("{}: a case cannot be read: {error}", path.display()))?;
        file.cases.push(case);
    }
    Ok(file)
}
