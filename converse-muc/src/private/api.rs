//! The handle of a private chat.

mod changing;
mod composer;
mod following;
mod list;
mod messages;
mod sending;
mod signalling;

use std::fmt;
use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_messages::model::ChatState;
use jid::FullJid;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

pub use composer::PrivateComposer;
pub use list::PrivateChats;
pub use messages::PrivateMessages;

use super::Conversation;
use super::conversation::State;
use super::message::{PrivateChatClosed, PrivateUnreadChanged};
use crate::api::Room;
use crate::model::{ConnectionStatus, Occupant, Opened};
use crate::private::error::PrivateChatError;

/// A private chat with an occupant of a room; cheap to clone. Once it or the room is closed, every method fails with
/// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), also if another is opened with the same nick.
///
/// The room passes on what is written, and whoever runs the room can read it. A nick is nobody's for ever: the chat follows who
/// it is with to another nick, and if the room shows that somebody else has the nick now (by occupant ids, XEP-0421, or real
/// addresses), that one is not in this chat, and nothing that is written here goes to him.
///
/// ```no_run
/// use converse_core::prelude::*;
/// use converse_muc::prelude::*;
///
/// # async fn example(garden: Room) -> Result<(), converse_core::Error> {
/// let chat = garden.private_chat("Juliet")?;
/// chat.send_message("By the hour of nine.").await?;
/// let mut shown = chat.messages().subscribe()?;
/// while let Some(change) = shown.next().await {
///     println!("{change:?}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PrivateChat {
    api: Api,
    opened: Arc<Opened>,
    conversation: Arc<Conversation>,
}

impl PrivateChat {
    pub(crate) fn new(api: &Api, opened: &Arc<Opened>, conversation: Arc<Conversation>) -> Self {
        Self {
            api: api.clone(),
            opened: Arc::clone(opened),
            conversation,
        }
    }

    pub(crate) fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    pub(crate) fn shared(&self) -> &Arc<Conversation> {
        &self.conversation
    }

    /// The state, if neither the chat nor the room is closed.
    pub(super) fn open(&self) -> Result<std::sync::MutexGuard<'_, State>, Error> {
        let state = self.conversation.open()?;
        drop(self.opened.open()?);
        Ok(state)
    }

    /// The room that it belongs to.
    #[must_use]
    pub fn room(&self) -> Room {
        Room::new(&self.api, Arc::clone(&self.opened))
    }

    /// The nick of the other one, the last one if he is gone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), as of most other methods.
    pub fn nick(&self) -> Result<String, Error> {
        Ok(self.open()?.nick.clone())
    }

    /// The address of the other one in the room.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn jid(&self) -> Result<FullJid, Error> {
        let nick = self.nick()?;
        Ok(crate::actor::address(&self.opened.jid, &nick)?)
    }

    /// The other one, if the room shows that he is there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn occupant(&self) -> Result<Option<Occupant>, Error> {
        let open = self.open()?;
        if open.is_over {
            return Ok(None);
        }
        Ok(self.opened.any().occupants.get(&open.nick).cloned())
    }

    /// Whether the other one has left the room, or the user has: then nothing can be written. Somebody whom the room never
    /// showed is not gone; there are rooms that do not show everybody.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn is_gone(&self) -> Result<bool, Error> {
        let open = self.open()?;
        Ok(self.has_gone(&open))
    }

    pub(super) fn has_gone(&self, open: &State) -> bool {
        let room = self.opened.any();
        let is_inside = room.status == ConnectionStatus::Entered;
        let is_missing = || open.was_seen && room.occupants.get(&open.nick).is_none();
        open.is_over || !is_inside || is_missing()
    }

    /// Whether somebody else has the nick now. What was written can be read, and nothing more can be.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn is_over(&self) -> Result<bool, Error> {
        Ok(self.open()?.is_over)
    }

    /// Its messages, to be read and followed.
    #[must_use]
    pub fn messages(&self) -> PrivateMessages {
        PrivateMessages::new(self.clone())
    }

    /// What the other one is doing, as far as he told (XEP-0085).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn chat_state(&self) -> Result<Option<ChatState>, Error> {
        Ok(self.open()?.chat_state)
    }

    /// How many messages the other one has written since the user wrote or [`mark_read`](Self::mark_read) was called.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn unread(&self) -> Result<usize, Error> {
        Ok(self.open()?.unread)
    }

    /// The user has seen what is here. Nobody is told.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn mark_read(&self) -> Result<(), Error> {
        let mut open = self.open()?;
        self.read_all(&mut open);
        Ok(())
    }

    pub(super) fn read_all(&self, open: &mut State) {
        self.set_unread(open, 0);
    }

    pub(super) fn set_unread(&self, open: &mut State, unread: usize) {
        if open.unread != unread {
            open.unread = unread;
            self.touch(open);
            let (chatbox, count) = (self.clone(), unread);
            self.api.publish(PrivateUnreadChanged { chatbox, count });
        }
    }

    /// Closes the chat: its handles are stale, and what waits in it is not sent. Nobody is told; what the other one writes next opens another. What was written is
    /// forgotten, unless a store keeps messages: then it is there again when a chat is opened with somebody who certainly is the
    /// same (by occupant id, XEP-0421, or real address).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed) if it is closed already.
    pub fn close(&self) -> Result<(), Error> {
        if self.close_for_good() {
            return Ok(());
        }
        let state = self.conversation.any();
        Err(self.conversation.closed(&state).into())
    }

    /// What waits in it is not sent: the nick may be somebody else's when it is opened again. `false` if it was closed before.
    pub(crate) fn close_for_good(&self) -> bool {
        let is_open = self.conversation.any().is_open();
        if is_open {
            self.drop_unsent();
        }
        self.close_quietly()
    }

    /// `false` if it was closed before.
    pub(crate) fn close_quietly(&self) -> bool {
        let closed = self.opened.private.close(&self.conversation);
        if closed {
            self.note();
            let chatbox = self.clone();
            self.api.publish(PrivateChatClosed { chatbox });
        }
        closed
    }

    /// An attribute: `jid` and `id` (the address of the other one), `type` (`chatroom-private`), `nick`, `chatroom` (the
    /// address of the room), `num_unread`, `contact_chat_state`, `is_gone`, `is_over`. `None` for one that is not there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn get(&self, attribute: &str) -> Result<Option<Value>, Error> {
        drop(self.open()?);
        let value = self.attributes().remove(attribute);
        Ok(value.filter(|value| !value.is_null()))
    }

    fn attributes(&self) -> Map<String, Value> {
        let state = self.conversation.any();
        let jid = crate::actor::address(&self.opened.jid, &state.nick).ok();
        let all = [
            ("id", json!(jid)),
            ("jid", json!(jid)),
            ("type", json!("chatroom-private")),
            ("nick", json!(state.nick)),
            ("chatroom", json!(self.opened.jid)),
            ("num_unread", json!(state.unread)),
            ("contact_chat_state", json!(state.chat_state)),
            ("is_gone", json!(self.has_gone(&state))),
            ("is_over", json!(state.is_over)),
        ];
        all.into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// Somebody else opened it; the chat that is to be closed for it, if there are too many.
    pub(super) fn note_unwanted(&self) -> Option<Self> {
        let chat = Arc::clone(&self.conversation);
        let oldest = self.opened.private.note_unwanted(chat)?;
        Some(Self::new(&self.api, &self.opened, oldest))
    }

    /// Tells who follows the list of the private chats that something is different in this one, if it is still there.
    pub(crate) fn touch(&self, state: &State) {
        if state.is_open() {
            self.opened.private.touch(self);
            self.note();
        }
    }

    pub(super) fn gone(&self, open: &State) -> PrivateChatError {
        PrivateChatError::Gone {
            room: self.opened.jid.clone(),
            nick: open.nick.clone(),
        }
    }
}

impl fmt::Debug for PrivateChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PrivateChat")
            .field(&self.conversation.room.as_str())
            .field(&self.conversation.number)
            .finish()
    }
}

/// Two handles are equal when they stand for the same private chat.
impl PartialEq for PrivateChat {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.conversation, &other.conversation)
    }
}

impl Eq for PrivateChat {}

/// A private chat by name is its attributes.
impl Serialize for PrivateChat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.attributes().serialize(serializer)
    }
}
