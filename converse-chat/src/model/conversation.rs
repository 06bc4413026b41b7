//! One chat.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use converse_core::store::Place;
use jid::BareJid;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::kept::{Kept, Row, RowKey};
use super::locked::Locked;
use crate::error::ChatError;
use converse_messages::keeper::{Noted, Source};
use converse_messages::model::Change;
use converse_messages::model::ChatState;
use converse_messages::model::History;
use converse_messages::model::Seen;
use converse_messages::model::SentChanges;
use converse_messages::model::Typing;
use converse_messages::sync::ArchiveState;

/// Attributes that follow from what happens in a chat.
const READ_ONLY: [&str; 8] = [
    "id",
    "jid",
    "type",
    "minimized",
    "hidden",
    "num_unread",
    "contact_chat_state",
    "messages",
];

/// What a chat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A conversation.
    Chat,
    /// The announcements of a server or service.
    Headlines,
}

/// A chat as its handles share it.
pub(crate) struct Conversation {
    pub(crate) jid: BareJid,
    pub(crate) kind: Kind,
    me: Weak<Self>,
    state: Mutex<State>,
    /// Where it is kept, if it is.
    pub(super) kept: OnceLock<Kept>,
    pub(super) messages_noted: Noted,
    pub(super) row_noted: Noted,
    /// Whoever fetches its messages from the store holds it.
    pub(crate) fetching: tokio::sync::Mutex<()>,
    /// Whoever reads from the archive holds it.
    pub(crate) reading: tokio::sync::Mutex<()>,
}

/// What changes in a chat.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) history: History,
    pub(crate) sent_changes: SentChanges,
    pub(crate) minimized: bool,
    pub(crate) hidden: bool,
    pub(crate) unread: usize,
    pub(crate) contact_chat_state: Option<ChatState>,
    /// What the user does, and what the other one knows of it.
    pub(crate) typing: Typing,
    /// What the user has seen, and what the other one is to know of it.
    pub(crate) seen: Seen,
    /// Ends the task that waits for the end of writing when it is dropped.
    pub(crate) follower: Option<oneshot::Sender<Infallible>>,
    /// A task tells the other one what is to be told.
    pub(crate) is_telling: bool,
    /// The application opened it, or somebody known; otherwise a stranger's message did.
    pub(crate) wanted: bool,
    /// What the store has of its messages is not here yet.
    pub(crate) is_unfetched: bool,
    /// What the account's archive has of this chat and is not known here, once that was asked.
    pub(crate) part: Option<ArchiveState>,
    /// How often the newest messages were fetched from the archive.
    pub(crate) newest_read: u64,
    closed: bool,
    /// It belongs to an account that is not the user's any more: what is kept of it stays.
    is_put_away: bool,
    attributes: Map<String, Value>,
    /// How often an attribute was set.
    attributes_set: u64,
    /// What of it besides messages the store knows, or is about to.
    pub(super) row: Option<RowKey>,
}

impl Conversation {
    pub(crate) fn new(jid: BareJid, kind: Kind, wanted: bool) -> Arc<Self> {
        let state = State {
            wanted,
            ..State::default()
        };
        Arc::new_cyclic(|me| Self {
            jid,
            kind,
            me: Weak::clone(me),
            state: Mutex::new(state),
            kept: OnceLock::new(),
            messages_noted: Noted::default(),
            row_noted: Noted::default(),
            fetching: tokio::sync::Mutex::new(()),
            reading: tokio::sync::Mutex::new(()),
        })
    }

    /// A closed one, for what is to be done with what is kept of it.
    pub(crate) fn stand_in(jid: BareJid, kind: Kind) -> Arc<Self> {
        let chat = Self::new(jid, kind, false);
        let mut state = chat.lock();
        state.closed = true;
        state.is_put_away = true;
        drop(state);
        chat
    }

    pub(super) fn me(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// The state, open or closed. What of it is kept and has changed is written soon after.
    pub(crate) fn any(&self) -> Locked<'_> {
        Locked::new(self, self.lock())
    }

    /// The state, for whoever writes it down.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of an open chat.
    pub(crate) fn open(&self) -> Result<Locked<'_>, ChatError> {
        let state = self.any();
        if state.closed {
            return Err(ChatError::Closed {
                jid: self.jid.clone(),
            });
        }
        Ok(state)
    }

    /// Closes it; `false` if it is closed already. `take_away` is called while nobody else can look into it.
    pub(crate) fn close(&self, take_away: impl FnOnce()) -> bool {
        let mut state = self.any();
        if std::mem::replace(&mut state.closed, true) {
            return false;
        }
        state.history.close();
        take_away();
        true
    }

    /// Closes it as [`close`](Self::close), but it is open still where it is kept.
    pub(crate) fn put_away(&self, take_away: impl FnOnce()) {
        self.any().is_put_away = true;
        self.close(take_away);
    }

    /// The attribute of that name.
    pub(crate) fn attribute(&self, state: &State, name: &str) -> Option<Value> {
        Some(match name {
            "id" | "jid" => json!(self.jid),
            "type" => json!(match self.kind {
                Kind::Chat => "chatbox",
                Kind::Headlines => "headline",
            }),
            "minimized" => json!(state.minimized),
            "hidden" => json!(state.hidden),
            "num_unread" => json!(state.unread),
            "contact_chat_state" => json!(state.contact_chat_state),
            "url" => state
                .attributes
                .get(name)
                .cloned()
                .unwrap_or_else(|| json!("")),
            name => return state.attributes.get(name).cloned(),
        })
    }

    /// All attributes.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        let state = self.any();
        let mut all = state.attributes.clone();
        let known = READ_ONLY.iter().chain(&["url"]);
        for name in known.filter(|name| **name != "messages") {
            if let Some(value) = self.attribute(&state, name) {
                all.insert((*name).to_owned(), value);
            }
        }
        all
    }
}

impl State {
    /// A change was sent, and is about to be folded in.
    pub(crate) fn note_sent_change(&mut self, change: &Change) {
        self.sent_changes.note(change, &self.history);
    }

    pub(crate) fn set_attribute(&mut self, name: &str, value: Value) -> Result<(), ChatError> {
        if READ_ONLY.contains(&name) {
            return Err(ChatError::ReadOnly {
                attribute: name.to_owned(),
            });
        }
        self.attributes.insert(name.to_owned(), value);
        self.attributes_set += 1;
        Ok(())
    }

    /// What tells whether the row in the store is still right.
    pub(super) fn row_key(&self) -> RowKey {
        RowKey {
            closed: self.closed,
            minimized: self.minimized,
            hidden: self.hidden,
            unread: self.unread,
            wanted: self.wanted,
            seen: self.seen.up_to(),
            attributes_set: self.attributes_set,
        }
    }

    /// What is kept of it besides messages; `None` if it is closed.
    pub(super) fn to_row(&self, jid: &BareJid, kind: Kind) -> Option<Row> {
        let seen = self.seen.up_to().map(|place| (place.micros, place.number));
        (!self.closed).then(|| Row {
            jid: jid.clone(),
            kind,
            minimized: self.minimized,
            hidden: self.hidden,
            unread: self.unread,
            wanted: self.wanted,
            seen,
            attributes: self.attributes.clone(),
        })
    }

    /// It is as it was kept, except for what has happened since it was opened.
    pub(crate) fn restore(&mut self, row: Row) {
        let is_new = self.row.is_none();
        let Row {
            seen, attributes, ..
        } = row;
        self.minimized |= row.minimized;
        self.hidden |= row.hidden;
        self.wanted |= row.wanted;
        self.unread += row.unread;
        let place = seen.map(|(micros, number)| Place::new(micros, number));
        self.seen.restore(place);
        for (name, value) in attributes {
            self.attributes.entry(name).or_insert(value);
        }
        if is_new {
            // The store has it as it is.
            self.row = Some(self.row_key());
        }
    }

    pub(super) fn is_put_away(&self) -> bool {
        self.is_put_away
    }

    /// Whether it was not closed.
    pub(crate) fn is_open(&self) -> bool {
        !self.closed
    }

    /// Whether nobody looks at it, so that what comes is unread.
    pub(crate) fn is_out_of_sight(&self) -> bool {
        self.minimized || self.hidden
    }
}

/// Its messages are written from here.
impl Source for Conversation {
    fn noted(&self) -> &Noted {
        &self.messages_noted
    }

    fn with_history(&self, act: &mut dyn FnMut(&mut History)) {
        act(&mut self.lock().history);
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation")
            .field("jid", &self.jid.as_str())
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
