//! What a case runs in: its server, its instance, and what has happened so far.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use converse_core::settings::SettingsMap;
use converse_core::{Api, Converse, Error};
use jid::Jid;
use serde_json::Value;

use super::control::Fleet;
use super::events::Events;
use super::format::Setup;
use super::groupings::Groupings;
use super::ledger::Ledger;
use super::log::Log;
use super::plugins::Plugins;
use super::resources::Resources;
use super::trouble::Trouble;
use crate::MortalStore;
use crate::clock::VirtualClock;
use crate::scripted::{Captures, Server, TrustedRoots};

/// The account that every case is about.
pub(super) const ACCOUNT: &str = "mara@kestrel.example";
pub(super) const RESOURCE: &str = "desk";
pub(super) const DOMAIN: &str = "kestrel.example";
pub(super) const PASSWORD: &str = "correct horse";

/// How long a step waits for what must come, in virtual time.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The outcome of a call, once there is one.
pub(super) type Outcome = Rc<RefCell<Option<Result<Value, Error>>>>;

pub(super) struct World<'a> {
    pub(super) setup: Setup,
    pub(super) groupings: &'a dyn Groupings,
    pub(super) server: Server,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) converse: Converse,
    /// What the client was started with.
    pub(super) settings: SettingsMap,
    /// Its store, if the case kills it.
    pub(super) mortal: Option<MortalStore>,
    /// Other clients.
    pub(super) fleet: Fleet,
    pub(super) api: Api,
    pub(super) events: Events,
    pub(super) event_names: Vec<String>,
    pub(super) plugins: Plugins,
    pub(super) captures: Captures,
    /// The calls, by the name the case gave them or by their number.
    pub(super) calls: HashMap<String, Outcome>,
    /// What must arrive on the other side, either way.
    pub(super) ledger: Ledger,
    pub(super) log: Log,
    /// The file must be there as long as the client may read it.
    pub(super) _roots: Option<TrustedRoots>,
    pub(super) resources: Resources,
    /// How many connections had been tried, and how many lookups made, when the steps began.
    pub(super) attempts_before: usize,
    pub(super) lookups_before: usize,
    /// How many of them `expect_connect` has looked at.
    pub(super) attempts_seen: usize,
    /// Who has announced which capabilities, by their hash.
    pub(super) announced: Vec<(Jid, String)>,
    /// A step of the case is about messages that got lost on the way out.
    pub(super) speaks_of_loss: bool,
    /// How many tasks the runtime had when the steps began.
    pub(super) tasks_before: usize,
}

impl World<'_> {
    /// A JSON value with every `{{name}}` in its texts replaced.
    pub(super) fn fill(&self, value: &Value) -> Result<Value, Trouble> {
        Ok(match value {
            Value::String(text) if text.contains("{{") => Value::String(self.captures.fill(text)?),
            Value::Array(list) => Value::Array(
                list.iter()
                    .map(|one| self.fill(one))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, one)| Ok((key.clone(), self.fill(one)?)))
                    .collect::<Result<_, Trouble>>()?,
            ),
            other => other.clone(),
        })
    }

    /// Waits, in virtual time, until `look` finds something.
    pub(super) async fn until<T>(
        &self,
        within: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        let deadline = tokio::time::Instant::now() + within;
        loop {
            if let Some(found) = look() {
                return Some(found);
            }
            let now = tokio::time::Instant::now();
            if now >= deadline {
                return None;
            }
            // Fine steps first: most of what is waited for comes at once.
            let passed = within.saturating_sub(deadline - now);
            let step = (passed / 50).clamp(Duration::from_millis(1), Duration::from_secs(1));
            tokio::time::sleep(step.min(deadline - now)).await;
        }
    }

    /// The calls that failed and that nobody asked about, for an error message.
    pub(super) fn failed_calls(&self) -> String {
        let mut told = String::new();
        for (name, outcome) in &self.calls {
            if let Some(Err(error)) = &*outcome.borrow() {
                told.push_str(&format!("\n      the call `{name}` failed: {error}"));
            }
        }
        told
    }
}
