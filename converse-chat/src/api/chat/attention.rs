//! Where the user looks, and what he has seen.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;

use super::Chat;
use crate::message::{ChatBoxFocused, ChatBoxToggled, UnreadChanged};
use crate::model::{Kind, Registry, State};
use crate::sharing;
use converse_messages::ContentError;
use converse_messages::model::{ChatState, SentBy};

impl Chat {
    /// Gives the chat the user's attention, until another chat gets it, this one is put aside, or [`blur`](Self::blur) ends
    /// it: nothing in it is unread, and what comes is displayed as soon as it is there.
    ///
    /// What is displayed is [told](Self::mark_displayed); nothing else is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn focus(&self) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        self.registry.focus.set(&self.conversation);
        if self.registry.focus.is_at(&self.conversation) {
            self.look(&mut open);
        }
        self.touch(&open);
        self.api.publish(ChatBoxFocused::new(self.clone()));
        Ok(())
    }

    /// The user looks elsewhere: what comes is not displayed by itself any more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn blur(&self) -> Result<(), Error> {
        let _open = self.conversation.open()?;
        self.registry.focus.clear(&self.conversation);
        Ok(())
    }

    /// Shows the chat if it is hidden; what is in it is displayed then, unless it is minimized.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn show(&self) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        open.hidden = false;
        if !open.minimized {
            self.look(&mut open);
        }
        self.touch(&open);
        Ok(())
    }

    /// Ends what [`minimize`](Self::minimize) began: nothing in the chat is unread any more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn maximize(&self) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        if self.toggle(&mut open, false) {
            if !open.is_out_of_sight() {
                self.look(&mut open);
            }
            if open.typing.told() == Some(ChatState::Inactive) {
                self.become_(&mut open, ChatState::Active);
            }
        }
        Ok(())
    }

    /// Puts the chat aside: what comes from now on is unread. Somebody who was told that the user takes part is told that he
    /// does no more (XEP-0085).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn minimize(&self) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        if self.toggle(&mut open, true) {
            self.registry.focus.clear(&self.conversation);
            if open.typing.told().is_some() {
                self.become_(&mut open, ChatState::Inactive);
            }
        }
        Ok(())
    }

    fn toggle(&self, open: &mut State, minimized: bool) -> bool {
        let toggled = std::mem::replace(&mut open.minimized, minimized) != minimized;
        if toggled {
            self.touch(open);
            self.api.publish(ChatBoxToggled::new(self.clone()));
        }
        toggled
    }

    /// Whether it is put aside.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn is_minimized(&self) -> Result<bool, Error> {
        Ok(self.conversation.open()?.minimized)
    }

    /// How many messages of the other one came while nobody looked: while the chat was put aside or hidden, or the
    /// application was out of view. What another client of the account displays does not count any more (XEP-0490).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn unread(&self) -> Result<usize, Error> {
        Ok(self.conversation.open()?.unread)
    }

    /// The user has seen the message with this id, and all before it. For an application that knows more precisely than
    /// [`focus`](Self::focus) and [`show`](Self::show) what is displayed.
    ///
    /// A contact who sees the user and who asked to be told is told of the newest of them (XEP-0333), unless the setting
    /// `send_chat_markers` is off; other clients of the account hear of it a little later (XEP-0490), unless
    /// `synchronize_displayed` is off.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if no message of the chat has this id, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn mark_displayed(&self, id: impl AsRef<str>) -> Result<(), Error> {
        let id = id.as_ref();
        let mut open = self.conversation.open()?;
        let history = &open.history;
        let number = history
            .position(SentBy::Them, id)
            .or_else(|| history.position(SentBy::Me, id));
        let Some(number) = number else {
            let id = id.to_owned();
            return Err(ContentError::NoMessage { id }.into());
        };
        self.displayed(&mut open, number);
        Ok(())
    }

    /// All that is there is displayed.
    pub(crate) fn look(&self, open: &mut State) {
        if let Some(newest) = open.history.newest() {
            self.displayed(open, newest);
        }
        self.set_unread(open, 0);
    }

    /// This client has displayed everything up to a message.
    fn displayed(&self, open: &mut State, number: u64) {
        let Some(displayed) = open.seen.move_to(&open.history, number) else {
            return;
        };
        self.set_unread(open, open.unread.min(displayed.newer));
        if self.conversation.kind != Kind::Chat {
            return;
        }
        if let Some(id) = displayed.markable {
            open.seen.tell(id);
            self.tell_soon(open);
        }
        if let Some(stanza_id) = displayed.stanza_id {
            sharing::tell(&self.api, &self.registry, self.jid(), stanza_id);
        }
    }

    /// Another client of the account has displayed everything up to a message, which may not be here yet (XEP-0490).
    pub(crate) fn displayed_elsewhere(&self, stanza_id: &str) {
        let mut state = self.conversation.any();
        match state.history.archived_position(stanza_id) {
            Some(number) => self.overtaken(&mut state, number),
            None => state.seen.expect(stanza_id.to_owned()),
        }
    }

    /// Another client of the account has told the other one that it has displayed a message of his (XEP-0333).
    pub(crate) fn marked_elsewhere(&self, id: &str) {
        let mut state = self.conversation.any();
        if let Some(number) = state.history.position(SentBy::Them, id) {
            self.overtaken(&mut state, number);
        }
    }

    /// Another client has displayed everything up to a message.
    pub(crate) fn overtaken(&self, state: &mut State, number: u64) {
        if let Some(displayed) = state.seen.move_to(&state.history, number) {
            self.registry.sharing.overtaken(self.jid());
            self.set_unread(state, state.unread.min(displayed.newer));
        }
    }

    /// A message has come: it is displayed at once if the user looks at the chat, and unread if nobody can see it.
    pub(crate) fn note_newest(&self, open: &mut State, sender: SentBy) {
        let is_unseen = open.is_out_of_sight() || self.registry.focus.is_away();
        if sender == SentBy::Them && is_unseen {
            self.set_unread(open, open.unread + 1);
        }
        let newest = open.history.newest_first().next();
        let expected = newest.filter(|(_, message)| open.seen.is_expected(message));
        if let Some(number) = expected.map(|(number, _)| number) {
            self.overtaken(open, number);
        }
        if !is_unseen && self.registry.focus.is_at(&self.conversation) {
            self.look(open);
        }
    }

    /// The application is in view again: what is in the chats that are in sight is read, and in the one that the user looks at
    /// displayed.
    pub(crate) fn return_to_all(api: &Api, registry: &Arc<Registry>) {
        for conversation in registry.all(Kind::Chat) {
            let chat = Self::new(api, registry, conversation);
            let mut state = chat.conversation.any();
            if state.is_out_of_sight() {
                continue;
            }
            if registry.focus.is_at(&chat.conversation) {
                chat.look(&mut state);
            }
            chat.set_unread(&mut state, 0);
        }
    }

    pub(crate) fn set_unread(&self, open: &mut State, unread: usize) {
        if open.unread != unread {
            open.unread = unread;
            self.touch(open);
            self.api.publish(UnreadChanged::new(self.clone(), unread));
        }
    }
}
