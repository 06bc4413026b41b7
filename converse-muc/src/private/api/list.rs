//! The private chats of a room.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::view::View;

use super::super::identity::Identity;
use super::PrivateChat;
use crate::actor::address;
use crate::api::Room;
use crate::model::Opened;
use crate::private::message::PrivateChatOpened;

impl Room {
    /// The private chat with whoever has that nick (XEP-0045 §7.5), opened if it is not open. Nothing is sent, and nobody need
    /// be there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a nick that cannot be one, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn private_chat(&self, nick: &str) -> Result<PrivateChat, Error> {
        let jid = address(self.jid(), nick)?;
        drop(self.opened().open()?);
        let nick = jid.resource().as_str();
        let (chat, _) = PrivateChat::find_or_open(self.api(), self.opened(), nick, true);
        Ok(chat)
    }

    /// The private chats that are open, those too that an occupant opened by writing.
    #[must_use]
    pub fn private_chats(&self) -> PrivateChats {
        PrivateChats { room: self.clone() }
    }
}

/// The private chats of a room that are open, in the order in which they were opened. Got with [`Room::private_chats`]; cheap
/// to clone.
///
/// Others can open 100 of them by writing; with one more, the oldest of those in which the user has not written is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateChats {
    room: Room,
}

impl PrivateChats {
    /// All of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), as of the other methods.
    pub fn all(&self) -> Result<Vec<PrivateChat>, Error> {
        drop(self.room.opened().open()?);
        let all = self.room.opened().private.all().into_iter();
        Ok(all.map(|chat| self.handle(chat)).collect())
    }

    /// The one with whoever has that nick, if it is open.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a nick that cannot be one, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn get(&self, nick: &str) -> Result<Option<PrivateChat>, Error> {
        let jid = address(self.room.jid(), nick)?;
        drop(self.room.opened().open()?);
        let chat = self.room.opened().private.get(jid.resource().as_str());
        Ok(chat.map(|chat| self.handle(chat)))
    }

    /// How many there are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn count(&self) -> Result<usize, Error> {
        drop(self.room.opened().open()?);
        Ok(self.room.opened().private.len())
    }

    /// The private chats as they are now, and then each change with its place: another nick, another number of unread
    /// messages. Whoever reads it too slowly gets all of them anew.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn subscribe(&self) -> Result<View<PrivateChat>, Error> {
        drop(self.room.opened().open()?);
        let table = &self.room.opened().private;
        Ok(table.follow(|chat| self.handle(chat)))
    }

    fn handle(&self, chat: Arc<crate::private::Conversation>) -> PrivateChat {
        PrivateChat::new(self.room.api(), self.room.opened(), chat)
    }
}

impl PrivateChat {
    /// The private chat with whoever has that nick, and whether it is new.
    pub(crate) fn find_or_open(
        api: &Api,
        opened: &Arc<Opened>,
        nick: &str,
        is_wanted: bool,
    ) -> (Self, bool) {
        let who = opened.any().occupants.get(nick).map(Identity::of);
        let mut is_new = false;
        let found = opened
            .private
            .open(&opened.jid, nick, is_wanted, |conversation| {
                is_new = true;
                {
                    let mut state = conversation.any();
                    state.was_seen = who.is_some();
                    state.identity = who.unwrap_or_default();
                }
                let chat = Self::new(api, opened, Arc::clone(conversation));
                let chatbox = chat.clone();
                api.publish(PrivateChatOpened { chatbox });
                chat
            });
        if is_wanted {
            found.any().is_wanted = true;
        }
        let chat = Self::new(api, opened, found);
        if is_new {
            chat.keep_soon();
        }
        (chat, is_new)
    }
}
