//! One chat.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jid::BareJid;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use crate::error::ChatError;
use converse_messages::model::Change;
use converse_messages::model::ChatState;
use converse_messages::model::History;
use converse_messages::model::Seen;
use converse_messages::model::SentChanges;
use converse_messages::model::Typing;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    state: Mutex<State>,
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
    closed: bool,
    attributes: Map<String, Value>,
}

impl Conversation {
    pub(crate) fn new(jid: BareJid, kind: Kind, wanted: bool) -> Self {
        let state = State {
            wanted,
            ..State::default()
        };
        Self {
            jid,
            kind,
            state: Mutex::new(state),
        }
    }

    /// The state, open or closed.
    pub(crate) fn any(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of an open chat.
    pub(crate) fn open(&self) -> Result<MutexGuard<'_, State>, ChatError> {
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
        Ok(())
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

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation")
            .field("jid", &self.jid.as_str())
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
