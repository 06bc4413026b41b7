//! Where the user looks, and what he has seen.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_messages::ContentError;
use converse_messages::Message;
use converse_messages::keeper::Keeper;
use converse_messages::model::{Author, ChatState, SentBy};

use super::Room;
use crate::message::{RoomChatStateChanged, RoomMessageDisplayed, RoomToggled, RoomUnreadChanged};
use crate::model::{Registry, State};

impl Room {
    /// Puts the room aside: what others say from now on is unread.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn minimize(&self) -> Result<(), Error> {
        let mut open = self.opened.open()?;
        self.toggle(&mut open, true);
        Ok(())
    }

    /// Ends what [`minimize`](Self::minimize) began: what is in the room is [displayed](Self::mark_displayed).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn maximize(&self) -> Result<(), Error> {
        let mut open = self.opened.open()?;
        self.toggle(&mut open, false);
        self.look(&mut open);
        Ok(())
    }

    fn toggle(&self, open: &mut State, minimized: bool) {
        if std::mem::replace(&mut open.minimized, minimized) != minimized {
            self.touch();
            let chatbox = self.clone();
            self.api.publish(RoomToggled { chatbox });
        }
    }

    /// How many messages of others came while it was put aside or the application was out of view. What another client of
    /// the account tells to have displayed does not count any more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn unread(&self) -> Result<usize, Error> {
        Ok(self.opened.open()?.unread)
    }

    /// How many of those call the user: with the nick as a word of its own, in the same case, or by a mention (XEP-0372).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn mentions(&self) -> Result<usize, Error> {
        Ok(self.opened.open()?.mentions)
    }

    /// The user has seen the message with this id, and all before it.
    ///
    /// The others are told of the newest of them (XEP-0333 §4.3) if the room gives messages ids, the user may talk, and it
    /// asks for it or the room is for members only: in a public room it would be told to everybody for nobody's use. Nobody
    /// is told if the setting `send_chat_markers` is off.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if there is no message with that id, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn mark_displayed(&self, id: impl AsRef<str>) -> Result<(), Error> {
        let id = id.as_ref();
        let mut open = self.opened.open()?;
        let number = open.talk.history.any_position(id);
        let number = number.ok_or_else(|| ContentError::no_message(id))?;
        self.displayed(&mut open, number);
        Ok(())
    }

    /// The nicks of the others who are writing, sorted (XEP-0085). Who has told nothing for a minute is not among them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn typing(&self) -> Result<Vec<String>, Error> {
        Ok(self.opened.open()?.talk.writers())
    }

    /// Everything up to a message was displayed here.
    fn displayed(&self, open: &mut State, number: u64) {
        let talk = &mut open.talk;
        let Some(displayed) = talk.seen.move_to(&talk.history, number) else {
            return;
        };
        if let Some(stanza_id) = displayed.stanza_id {
            self.tell_displayed(open, stanza_id);
        }
        self.set_unread(open, open.unread.min(displayed.newer));
    }

    /// A message has come: it is unread if nobody can see it.
    pub(crate) fn note_newest(&self, open: &mut State, message: &Message) {
        let account = self.api.session().bare_jid();
        let is_unseen = open.minimized || self.is_out_of_view();
        if is_unseen && open.count_unread(message, account.as_ref()) {
            self.announce_unread(open);
        }
    }

    /// Tells who follows the list of the rooms that something is different in this one.
    fn touch(&self) {
        if let Some(registry) = self.api.provided::<Arc<Registry>>() {
            registry.touch(self);
        }
    }

    /// Something is different that is kept between runs.
    pub(crate) fn note(&self) {
        let Some(registry) = self.api.provided::<Arc<Registry>>() else {
            return;
        };
        registry.note();
        let writing = registry.shelf().and_then(|shelf| shelf.touch(&self.opened));
        if let Some(writing) = writing {
            self.spawn(writing);
        }
    }

    /// Keeps the messages, unless that is as long as the program runs.
    pub(crate) fn keeper(&self) -> Option<Keeper> {
        let registry = self.api.provided::<Arc<Registry>>()?;
        registry.shelf()?.keeper().cloned()
    }

    /// Whether the application is out of view, as it said by `windowStateChanged`.
    fn is_out_of_view(&self) -> bool {
        let registry = self.api.provided::<Arc<Registry>>();
        registry.is_some_and(|registry| registry.is_away())
    }

    /// The application is in view again: what is in the rooms that are not put aside is displayed.
    pub(crate) fn return_to_all(api: &Api, registry: &Registry) {
        for opened in registry.all() {
            let room = Self::new(api, opened);
            let mut state = room.opened.any();
            if !state.minimized && state.unread > 0 {
                room.look(&mut state);
            }
        }
    }

    fn look(&self, open: &mut State) {
        if let Some(newest) = open.talk.history.newest() {
            self.displayed(open, newest);
        }
        self.set_unread(open, 0);
    }

    pub(super) fn set_unread(&self, open: &mut State, unread: usize) {
        if open.unread != unread {
            open.unread = unread;
            open.mentions = open.mentions.min(unread);
            self.announce_unread(open);
        }
    }

    fn announce_unread(&self, open: &State) {
        self.touch();
        self.api.publish(RoomUnreadChanged {
            chatbox: self.clone(),
            count: open.unread,
            mentions: open.mentions,
        });
    }

    /// Somebody else does something (XEP-0085 §5.5). That he is gone is told by the room.
    pub(crate) fn take_state(&self, open: &mut State, nick: &str, state: Option<ChatState>) {
        let is_known = open.occupants.get(nick).is_some();
        if is_known && open.talk.set_writer(nick, state) {
            self.api.publish(RoomChatStateChanged {
                chatbox: self.clone(),
                nick: nick.to_owned(),
                state,
            });
        }
    }

    /// Somebody has displayed everything up to a message, which only the id that the room gave names (XEP-0333 §4.3).
    pub(crate) fn take_marker(&self, open: &mut State, by: &Author, nick: &str, id: &str) {
        let Some(number) = open.talk.history.archived_position(id) else {
            return;
        };
        if !by.whose.is_certain() {
            return;
        }
        let talk = &mut open.talk;
        if by.sender == SentBy::Me {
            // The user has told it with another client.
            if let Some(displayed) = talk.seen.move_to(&talk.history, number) {
                self.set_unread(open, open.unread.min(displayed.newer));
            }
            return;
        }
        let (Some(oldest), Some(place)) =
            (talk.history.oldest_place(), talk.history.place_of(number))
        else {
            return;
        };
        talk.markers.shrink(oldest);
        let is_news = talk.markers.move_to(&by.whose, nick, place);
        if let Some(message) = talk.history.at(number).filter(|_| is_news) {
            self.api.publish(RoomMessageDisplayed {
                chatbox: self.clone(),
                nick: nick.to_owned(),
                message: message.clone(),
            });
        }
    }
}
