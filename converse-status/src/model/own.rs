//! The own presence: only the actor changes it, everybody reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};
use converse_core::Error;
use converse_core::settings::Settings;
use jid::Jid;

use crate::model::{Client, OwnResource, Presence, Status};
use crate::settings::DEFAULT_STATE;

/// How many other clients of the account are kept; more than any server allows.
const MOST_RESOURCES: usize = 128;
/// To how many the presence may be shown who do not see it otherwise.
pub(crate) const MOST_SHOWN_TO: usize = 256;

/// A status that nobody chose: there was no activity for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Automatic {
    pub(crate) status: Status,
    /// When the last activity was.
    pub(crate) since: DateTime<Utc>,
}

#[derive(Debug, Default)]
struct State {
    /// What the user set last, if anything; otherwise the setting `default_state` counts.
    chosen: Option<Presence>,
    automatic: Option<Automatic>,
    resources: BTreeMap<String, Client>,
    shown_to: BTreeSet<Jid>,
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

    pub(crate) fn choose(&self, presence: Presence) {
        self.write().chosen = Some(presence);
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
        let resources = &mut self.write().resources;
        if let Some(client) = resources.get_mut(&resource.resource) {
            return client.shows(resource);
        }
        if resources.len() >= MOST_RESOURCES {
            tracing::warn!("the account has too many clients; one more is not listed");
            return None;
        }
        let name = resource.resource.clone();
        let (client, news) = Client::came(resource);
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
