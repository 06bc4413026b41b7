//! What is kept of chats, and where.

use std::fmt;
use std::sync::Arc;

use converse_core::bus::Bus;
use converse_core::store::{Change, Namespace, Place};
use converse_messages::keeper::{Keeper, Noted, Source, Writing, chat_log, headline_log};
use converse_messages::model::History;
use jid::BareJid;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::conversation::{Conversation, Kind, State};

/// The open chats of an account, by kind and address. With one more, the one that changed longest ago is forgotten.
pub(crate) const CHATS: Namespace = Namespace::new("chats", 20_000).dropping_oldest();

/// Where the chats of an account are kept: messages and the rest may be kept apart, or one of them not at all.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) messages: Option<Keeper>,
    pub(crate) chats: Option<Keeper>,
    /// Where the instance runs: whoever changes something may be on a thread without a runtime.
    pub(crate) bus: Bus,
}

/// What is kept of a chat besides its messages.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) jid: BareJid,
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(super) minimized: bool,
    #[serde(default)]
    pub(super) hidden: bool,
    #[serde(default)]
    pub(super) unread: usize,
    #[serde(default)]
    pub(crate) wanted: bool,
    /// Up to which place it was displayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<(i64, u32)>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) attributes: Map<String, Value>,
}

/// What tells whether a row has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowKey {
    pub(super) closed: bool,
    pub(super) minimized: bool,
    pub(super) hidden: bool,
    pub(super) unread: usize,
    pub(super) wanted: bool,
    pub(super) seen: Option<Place>,
    pub(super) attributes_set: u64,
}

impl Kept {
    /// Has written soon what is different in a chat.
    pub(super) fn note(&self, chat: &Conversation, state: &mut State) {
        if let Some(keeper) = &self.messages
            && state.history.has_changes()
        {
            let writing = keeper.touch_as(&chat.messages_noted, || {
                let chat: Arc<dyn Source> = chat.me()?;
                Some(chat)
            });
            self.spawn(writing);
        }
        if let Some(keeper) = &self.chats {
            let key = state.row_key();
            if state.row.replace(key) != Some(key) {
                let writing = keeper.touch_as(&chat.row_noted, || {
                    let row: Arc<dyn Source> = Arc::new(RowOf(chat.me()?));
                    Some(row)
                });
                self.spawn(writing);
            }
        }
    }

    pub(crate) fn spawn(&self, writing: Option<Writing>) {
        if let Some(writing) = writing {
            // Nobody waits for the task, nor for its start.
            drop(self.bus.dispatch(|_| drop(tokio::spawn(writing))));
        }
    }
}

impl Conversation {
    /// From now on it is kept there; what is there of it is still to be fetched.
    pub(crate) fn keep(&self, kept: &Kept) {
        if self.kept.set(kept.clone()).is_err() || kept.messages.is_none() {
            return;
        }
        let mut state = self.any();
        state.history.keep(self.log());
        state.is_unfetched = true;
    }

    /// Who keeps its messages.
    pub(crate) fn keeper(&self) -> Option<&Keeper> {
        self.kept.get()?.messages.as_ref()
    }

    fn log(&self) -> String {
        match self.kind {
            Kind::Chat => chat_log(&self.jid),
            Kind::Headlines => headline_log(&self.jid),
        }
    }

    fn row_key(&self) -> String {
        let kind = match self.kind {
            Kind::Chat => "chat",
            Kind::Headlines => "headlines",
        };
        format!("{kind}/{}", self.jid)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("messages", &self.messages)
            .field("chats", &self.chats)
            .finish_non_exhaustive()
    }
}

/// A chat as the source of its row.
struct RowOf(Arc<Conversation>);

impl Source for RowOf {
    fn noted(&self) -> &Noted {
        &self.0.row_noted
    }

    fn with_history(&self, _: &mut dyn FnMut(&mut History)) {}

    fn take_changes(&self) -> Vec<Change> {
        let chat = &self.0;
        let row = {
            let state = chat.lock();
            if state.is_put_away() {
                return Vec::new();
            }
            state.to_row(&chat.jid, chat.kind)
        };
        let Some(row) = row else {
            return vec![Change::delete(CHATS, chat.row_key())];
        };
        match serde_json::to_vec(&row) {
            Ok(value) => vec![Change::put(CHATS, chat.row_key(), value)],
            Err(error) => {
                tracing::warn!(chat = %chat.jid, %error, "that a chat is open cannot be kept");
                Vec::new()
            }
        }
    }
}
