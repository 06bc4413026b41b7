//! One private chat.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use converse_messages::keeper::Noted;
use converse_messages::model::{ChatState, History, SentChanges, Typing};
use jid::BareJid;
use tokio::sync::oneshot;

use super::identity::Identity;
use crate::private::error::PrivateChatError;

/// A private chat as its handles share it.
///
/// Its lock is taken before that of the room, and before that of the table.
pub(crate) struct Conversation {
    pub(crate) room: BareJid,
    /// Counts the private chats of the room in the order in which they were opened.
    pub(crate) number: u64,
    state: Mutex<State>,
    /// Whether it is known that something is to be written.
    pub(crate) noted: Noted,
}

/// What changes in a private chat.
#[derive(Debug)]
pub(crate) struct State {
    /// The nick of the other one, the last one if he is gone.
    pub(crate) nick: String,
    pub(crate) identity: Identity,
    /// He was among the occupants; rooms need not show everybody (XEP-0045 §7.2.2).
    pub(crate) was_seen: bool,
    /// An earlier process had the chat open.
    pub(crate) is_restored: bool,
    /// The room has shown that he is certainly the one with whom the chat was when an earlier process ran.
    pub(crate) is_same: bool,
    /// The nick belongs to somebody else now.
    pub(crate) is_over: bool,
    pub(crate) history: History,
    pub(crate) sent_changes: SentChanges,
    pub(crate) unread: usize,
    pub(crate) chat_state: Option<ChatState>,
    /// What the user does, and what the other one knows of it.
    pub(crate) typing: Typing,
    /// Ends the task that waits for the end of writing when it is dropped.
    pub(crate) follower: Option<oneshot::Sender<Infallible>>,
    /// A task tells the other one what is to be told.
    pub(crate) is_telling: bool,
    /// The application opened it or the user has written; otherwise the other one did.
    pub(crate) is_wanted: bool,
    is_closed: bool,
}

impl Conversation {
    pub(super) fn new(room: BareJid, number: u64, nick: &str, is_wanted: bool) -> Self {
        let state = State {
            nick: nick.to_owned(),
            identity: Identity::default(),
            was_seen: false,
            is_restored: false,
            is_same: false,
            is_over: false,
            history: History::default(),
            sent_changes: SentChanges::default(),
            unread: 0,
            chat_state: None,
            typing: Typing::default(),
            follower: None,
            is_telling: false,
            is_wanted,
            is_closed: false,
        };
        Self {
            room,
            number,
            state: Mutex::new(state),
            noted: Noted::default(),
        }
    }

    /// The state, open or closed.
    pub(crate) fn any(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of an open private chat.
    pub(crate) fn open(&self) -> Result<MutexGuard<'_, State>, PrivateChatError> {
        let state = self.any();
        if state.is_closed {
            return Err(self.closed(&state));
        }
        Ok(state)
    }

    pub(crate) fn closed(&self, state: &State) -> PrivateChatError {
        PrivateChatError::Closed {
            room: self.room.clone(),
            nick: state.nick.clone(),
        }
    }

    /// Closes it; `false` if it is closed already. `take_away` is called while nobody else can look into it.
    pub(super) fn close(&self, take_away: impl FnOnce()) -> bool {
        let mut state = self.any();
        if std::mem::replace(&mut state.is_closed, true) {
            return false;
        }
        state.history.close();
        state.follower = None;
        take_away();
        true
    }
}

impl State {
    pub(crate) fn is_open(&self) -> bool {
        !self.is_closed
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation")
            .field("room", &self.room.as_str())
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
