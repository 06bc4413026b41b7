//! The handle of a chat.

mod attention;
mod changing;
mod composer;
mod folding;
mod keeping;
mod older;
mod sending;
mod signalling;

use std::fmt;
use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use jid::BareJid;
use serde::{Serialize, Serializer};
use serde_json::Value;

pub use composer::Composer;

use super::Messages;
use crate::error::ChatError;
use crate::message::{AfterMessagesFetched, ChatBoxClosed, ChatBoxInitialized, ChatBoxOpened};
use crate::model::{Conversation, Kind, Registry, Row, State};
use converse_messages::model::ChatState;

/// An open chat; cheap to clone. Once the chat is closed, every method fails with
/// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), also if another is opened with the same person.
#[derive(Clone)]
pub struct Chat {
    api: Api,
    registry: Arc<Registry>,
    conversation: Arc<Conversation>,
}

impl Chat {
    pub(crate) fn new(api: &Api, registry: &Arc<Registry>, chat: Arc<Conversation>) -> Self {
        Self {
            api: api.clone(),
            registry: Arc::clone(registry),
            conversation: chat,
        }
    }

    /// The chat with somebody, and whether it is new.
    pub(crate) fn find_or_open(
        api: &Api,
        registry: &Arc<Registry>,
        kind: Kind,
        jid: &BareJid,
        wanted: bool,
    ) -> (Self, bool) {
        Self::find_or_restore(api, registry, (kind, jid, wanted), None)
    }

    /// The same, and if it is new, it is as it was kept.
    pub(crate) fn find_or_restore(
        api: &Api,
        registry: &Arc<Registry>,
        (kind, jid, wanted): (Kind, &BareJid, bool),
        mut row: Option<Row>,
    ) -> (Self, bool) {
        let mut is_new = false;
        let chat = registry.open(kind, jid, wanted, |chat| {
            is_new = true;
            {
                let mut state = chat.any();
                if let Some(known) = registry.sharing.known(jid) {
                    state.seen.expect(known);
                }
                if let Some(row) = row.take() {
                    state.restore(row);
                }
            }
            let chat = Self::new(api, registry, Arc::clone(chat));
            api.publish(ChatBoxInitialized::new(chat.clone()));
            api.publish(ChatBoxOpened::new(chat.clone()));
            if !registry.keeps_messages() {
                api.publish(AfterMessagesFetched::new(chat.clone()));
            }
            chat
        });
        let mut state = chat.any();
        state.wanted |= wanted;
        if let Some(row) = row {
            state.restore(row);
        }
        drop(state);
        (Self::new(api, registry, chat), is_new)
    }

    pub(crate) fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// With whom it is.
    #[must_use]
    pub fn jid(&self) -> &BareJid {
        &self.conversation.jid
    }

    /// Its messages, to be read and followed.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages::new(self.clone())
    }

    /// Closes the chat: its handles are stale, and it is not among the open ones any more, also after a restart. Its messages are
    /// there again when it is opened again, if the setting `message_storage` keeps them for good, unless they were
    /// [cleared](Messages::clear) before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed) if it is closed already.
    pub async fn close(&self) -> Result<(), Error> {
        if !self.close_quietly() {
            let jid = self.jid().clone();
            return Err(ChatError::Closed { jid }.into());
        }
        self.conversation.any().typing.become_(ChatState::Inactive);
        self.tell().await;
        Ok(())
    }

    /// Closes it without telling the other one; `false` if it was closed before.
    fn close_quietly(&self) -> bool {
        let closed = self.registry.close(&self.conversation);
        if closed {
            self.conversation.any().follower = None;
            self.registry.focus.clear(&self.conversation);
            self.api.publish(ChatBoxClosed::new(self.clone()));
        }
        closed
    }

    /// What the other one is doing, as far as he told (XEP-0085).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn contact_chat_state(&self) -> Result<Option<ChatState>, Error> {
        Ok(self.conversation.open()?.contact_chat_state)
    }

    /// An attribute: `jid`, `id`, `type`, `minimized`, `hidden`, `num_unread`, `contact_chat_state`, `url` (empty by default),
    /// or whatever was [set](Self::set), such as `height`. `None` for one that is not there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_chat::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let chat = api.chats().open("juliet@capulet.example").await?;
    /// chat.set("height", 300)?;
    /// assert_eq!(chat.get("height")?, Some(json!(300)));
    /// assert_eq!(chat.get("no_such")?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, attribute: &str) -> Result<Option<Value>, Error> {
        let open = self.conversation.open()?;
        Ok(self.conversation.attribute(&open, attribute))
    }

    /// Sets an attribute, for the application's own use.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for one that follows from what happens in
    /// the chat, and [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn set(&self, attribute: &str, value: impl Into<Value>) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        open.set_attribute(attribute, value.into())?;
        self.touch(&open);
        Ok(())
    }

    /// Would begin an encrypted conversation with OTR, the `initiateOTR` of the 3.2 document.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported): nothing here knows OTR, and nothing is sent;
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn initiate_otr(&self) -> Result<(), Error> {
        drop(self.conversation.open()?);
        Err(ChatError::NoOtr.into())
    }

    /// Ends an encrypted conversation with OTR, the `endOTR` of the 3.2 document. There never is one, so this does nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn end_otr(&self) -> Result<(), Error> {
        drop(self.conversation.open()?);
        Ok(())
    }

    /// Tells who follows the list of the chats that something is different in this one, if it is still there.
    pub(crate) fn touch(&self, state: &State) {
        if state.is_open() {
            self.registry.touch(self);
        }
    }

    /// Tells a contact who sees the user that he is there.
    pub(crate) async fn tell_active(&self) {
        self.conversation.any().typing.become_(ChatState::Active);
        self.tell().await;
    }

    /// Somebody who is no contact opened it; the oldest such chat is closed if there are too many.
    pub(crate) fn note_unwanted(&self) {
        let chat = Arc::clone(&self.conversation);
        if let Some(oldest) = self.registry.note_unwanted(chat) {
            tracing::warn!(jid = %oldest.jid, "too many people who are no contacts have written; the oldest chat is closed");
            Self::new(&self.api, &self.registry, oldest).close_quietly();
        }
    }
}

impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chat").field(&self.jid().as_str()).finish()
    }
}

/// Two handles are equal when they stand for the same chat.
impl PartialEq for Chat {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.conversation, &other.conversation)
    }
}

impl Eq for Chat {}

/// A chat by name is its attributes.
impl Serialize for Chat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.conversation.attributes().serialize(serializer)
    }
}
