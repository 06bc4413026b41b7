//! The own presence: only the actor changes it, everybody reads it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use chrono::{DateTime, Utc};
use converse_core::Error;
use converse_core::settings::Settings;
use jid::Jid;
use tokio::time::Instant;

use crate::model::{Client, OwnResource, Presence, Status};
use crate::settings::DEFAULT_STATE;

/// How many other clients of the account are kept; more than any server allows.
const MOST_RESOURCES: usize = 128;
/// To how many the presence may be shown who do not see it otherwise.
pub(crate) const MOST_SHOWN_TO: usize = 256;
/// How long another client may show what was chosen before, because it has not heard yet what was chosen since.
const LATE: Duration = Duration::from_secs(5);
/// How many choices are remembered for that.
const MOST_PAST: usize = 16;

/// A status that nobody chose: there was no activity for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Automatic {
    pub(crate) status: Status,
    /// When the last activity was.
    pub(crate) since: DateTime<Utc>,
}

/// What was chosen until something else was.
#[derive(Debug)]
struct Past {
    chosen: Presence,
    until: Instant,
    /// The other client that the user chose something else with; none if it was this one.
    by: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    /// What the user set last, if anything; otherwise the setting `default_state` counts.
    chosen: Option<Presence>,
    /// What was chosen before, the latest last.
    past: VecDeque<Past>,
    automatic: Option<Automatic>,
    resources: BTreeMap<String, Client>,
    shown_to: BTreeSet<Jid>,
}

impl State {
    /// Whether another client shows what was chosen a moment ago: it took that over, and has not heard yet what was chosen since. What
    /// was chosen with it since, it knows.
    fn is_late(&self, resource: &OwnResource) -> bool {
        let said = resource.said();
        self.past.iter().any(|past| {
            past.until.elapsed() < LATE
                && past.chosen == said
                && past.by.as_ref() != Some(&resource.resource)
        })
    }
}

/// The shared state.
#[derive(Debug, Default)]
pub(crate) struct Own {
    state: RwLock<State>,
}

impl Own {
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was set, or if nothing was, what the settings say.
    pub(crate) fn chosen(&self, settings: &Settings) -> Result<Presence, Error> {
        if let Some(chosen) = &self.read().chosen {
            return Ok(chosen.clone());
        }
        let default = settings.read(&DEFAULT_STATE)?;
        Ok(Presence {
            status: Status::from_setting(&default)?,
            message: None,
        })
    }

    /// What others are to see: what was chosen, unless a status took its place because nobody is there.
    pub(crate) fn present(&self, settings: &Settings) -> Result<Presence, Error> {
        let mut presence = self.chosen(settings)?;
        if let Some(automatic) = self.automatic() {
            presence.status = automatic.status;
        }
        Ok(presence)
    }

    /// The user chose something here, or with another client.
    pub(crate) fn choose(&self, presence: Presence, by: Option<&str>) {
        let state = &mut *self.write();
        let is_same = state.chosen.as_ref() == Some(&presence);
        let before = state.chosen.replace(presence);
        if let Some(chosen) = before.filter(|_| !is_same) {
            if state.past.len() >= MOST_PAST {
                state.past.pop_front();
            }
            state.past.push_back(Past {
                chosen,
                until: Instant::now(),
                by: by.map(ToOwned::to_owned),
            });
        }
    }

    pub(crate) fn automatic(&self) -> Option<Automatic> {
        self.read().automatic
    }

    /// Puts a status in the place of the chosen one, or gives that back. The time of the last activity stays as long as
    /// there is none.
    pub(crate) fn set_automatic(&self, status: Option<Status>, since: DateTime<Utc>) {
        let automatic = &mut self.write().automatic;
        let since = automatic.map_or(since, |before| before.since);
        *automatic = status.map(|status| Automatic { status, since });
    }

    /// The account's other clients, sorted by resource.
    pub(crate) fn resources(&self) -> Vec<OwnResource> {
        let state = self.read();
        let clients = state.resources.values();
        clients.map(|client| client.shown.clone()).collect()
    }

    /// Another client shows something; what the user says through it, if that is news.
    pub(crate) fn put_resource(&self, resource: OwnResource) -> Option<Presence> {
        let state = &mut *self.write();
        let is_late = state.is_late(&resource);
        let resources = &mut state.resources;
        if let Some(client) = resources.get_mut(&resource.resource) {
            return client.shows(resource, is_late);
        }
        if resources.len() >= MOST_RESOURCES {
            tracing::warn!("the account has too many clients; one more is not listed");
            return None;
        }
        let name = resource.resource.clone();
        let (client, news) = Client::came(resource, is_late);
        resources.insert(name, client);
        news
    }

    pub(crate) fn remove_resource(&self, resource: &str) {
        self.write().resources.remove(resource);
    }

    /// Who the presence is shown to besides those who see it anyway.
    pub(crate) fn shown_to(&self) -> Vec<Jid> {
        self.read().shown_to.iter().cloned().collect()
    }

    pub(crate) fn is_shown_to(&self, jid: &Jid) -> bool {
        let shown_to = &self.read().shown_to;
        shown_to.contains(jid) || shown_to.contains(&Jid::from(jid.to_bare()))
    }

    /// `false` if there are too many.
    pub(crate) fn show_to(&self, jid: Jid) -> bool {
        let shown_to = &mut self.write().shown_to;
        let has_room = shown_to.len() < MOST_SHOWN_TO || shown_to.contains(&jid);
        if has_room {
            shown_to.insert(jid);
        }
        has_room
    }

    pub(crate) fn hide_from(&self, jid: &Jid) -> bool {
        self.write().shown_to.remove(jid)
    }

    /// The server told them that the client is gone (RFC 6121 §4.5.2).
    pub(crate) fn hide_from_all(&self) {
        self.write().shown_to.clear();
    }

    /// A new session: nobody has been heard, and nobody has been shown anything.
    pub(crate) fn start_over(&self) {
        let mut state = self.write();
        state.resources.clear();
        state.shown_to.clear();
    }
}
