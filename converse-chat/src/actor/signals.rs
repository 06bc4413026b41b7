//! What comes besides messages: what the other one does, what has arrived, and what was displayed.

use std::sync::Arc;

use converse_core::bus::Handled;
use converse_core::contract::Standing;
use converse_core::session::event::SessionStarted;

use super::{ChatActor, Letter, copies};
use crate::api::{Chat, standing};
use crate::carbons::Side;
use crate::message::ChatStateChanged;
use crate::model::{Kind, State};
use crate::settings::{MESSAGE_CARBONS, SEND_RECEIPTS, SYNCHRONIZE_DISPLAYED};
use crate::{receipts, sharing, tasks};
use converse_messages::model::{Change, ChatState, Fold, SentBy};
use converse_messages::wire::Incoming;
use converse_messages::wire::markers;

impl ChatActor {
    /// A session begins or goes on: what waited for it is told, and of a new one everything is asked again.
    pub(super) fn begin_session(&self, event: &SessionStarted) -> Handled {
        for chat in self.chats() {
            chat.begin_session(event.resumed);
        }
        if !event.begins_empty() {
            self.catch_up_again();
            // What comes on both connections may come in another order than the archive has it.
            self.registry.archive.lock().followed.hear(None);
            return Ok(());
        }
        let settings = self.api.settings();
        // A session that an earlier process began gives copies if they were asked for then.
        let has_copies = event.note(copies::NOTE).is_some();
        let wants_copies = settings.read(&MESSAGE_CARBONS)? && !has_copies;
        self.begin_catching_up(event.session, has_copies, wants_copies);
        if settings.read(&SYNCHRONIZE_DISPLAYED)? {
            let catch_up = sharing::catch_up(self.api.clone(), Arc::clone(&self.registry));
            tasks::spawn(&self.api, catch_up);
        }
        Ok(())
    }

    fn chats(&self) -> impl Iterator<Item = Chat> + '_ {
        let chats = self.registry.all(Kind::Chat).into_iter();
        chats.map(|chat| Chat::new(&self.api, &self.registry, chat))
    }

    fn chat_of(&self, letter: &Letter) -> Option<Chat> {
        let chat = self.registry.get(Kind::Chat, &letter.envelope.peer)?;
        Some(Chat::new(&self.api, &self.registry, chat))
    }

    /// Somebody has written: what he does, and what is unread.
    pub(super) fn note_activity(
        &self,
        chat: &Chat,
        open: &mut State,
        letter: &Letter,
        incoming: &Incoming,
        is_new: bool,
    ) {
        if letter.envelope.sender == SentBy::Them {
            if !incoming.delayed {
                open.typing.heard(incoming.state.is_some());
            }
            // Whoever has written is not writing any more.
            self.set_chat_state(chat, open, incoming.state);
        }
        if is_new {
            chat.note_newest(open, letter.envelope.sender);
        }
    }

    /// A state on its own opens nothing. What the user does with another client says nothing about the other one.
    pub(super) fn take_state(&self, letter: &Letter, incoming: &Incoming) {
        if let (Some(new), SentBy::Them) = (incoming.state, letter.envelope.sender)
            && let Some(chat) = self.chat_of(letter)
            && let Ok(mut open) = chat.conversation().open()
        {
            open.typing.heard(true);
            self.set_chat_state(&chat, &mut open, Some(new));
        }
    }

    fn set_chat_state(&self, chat: &Chat, open: &mut State, state: Option<ChatState>) {
        if open.contact_chat_state != state {
            open.contact_chat_state = state;
            chat.touch(open);
            self.api.publish(ChatStateChanged::new(chat.clone(), state));
        }
    }

    /// What has arrived or was displayed. It counts in the chat with whoever says so, so nobody can say it of what was sent to
    /// others.
    pub(super) fn take_delivery(&self, letter: &Letter, incoming: &Incoming) {
        if !incoming.has_receipts && !incoming.has_markers {
            return;
        }
        let Some(chat) = self.chat_of(letter) else {
            return;
        };
        if letter.envelope.sender == SentBy::Me {
            let displayed = markers::read(&letter.envelope.stanza);
            // The user has told the other one, with another client.
            if let (Some(id), Some(Side::Sent)) = (displayed, letter.copied) {
                chat.marked_elsewhere(&id);
            }
            return;
        }
        for change in self.deliveries(letter, incoming) {
            if let Ok(mut open) = chat.conversation().open() {
                chat.fold(&mut open, change);
            }
        }
    }

    /// What the other one says of the delivery of what was sent to him.
    pub(super) fn deliveries(&self, letter: &Letter, incoming: &Incoming) -> Vec<Change> {
        let is_said = incoming.has_receipts || incoming.has_markers;
        if !is_said || letter.envelope.sender == SentBy::Me {
            return Vec::new();
        }
        let stanza = &letter.envelope.stanza;
        let received = receipts::read(stanza).map(|id| Fold::Receipt { id });
        let displayed = markers::read(stanza).map(|id| Fold::Displayed { id });
        let folds = received.into_iter().chain(displayed);
        let change = |fold| Change {
            by: letter.author(incoming),
            id: None,
            fold,
        };
        folds.map(change).collect()
    }

    /// Tells who asked that his message has arrived, if he sees the user anyway (XEP-0184 §8). The client that got a message
    /// tells it, not those that got a copy (XEP-0280 §10.4).
    pub(super) fn acknowledge(&self, letter: &Letter, incoming: &Incoming) {
        if !incoming.has_receipts || letter.copied.is_some() || letter.envelope.sender == SentBy::Me
        {
            return;
        }
        let Some(receipt) = receipts::wanted(&letter.envelope.stanza) else {
            return;
        };
        let standing = standing(&self.api, &letter.envelope.peer);
        let is_seen = matches!(standing, Standing::Contact(subscription) if subscription.is_seen());
        let settings = self.api.settings();
        if !is_seen || !settings.read(&SEND_RECEIPTS).unwrap_or_default() {
            return;
        }
        if self.registry.receipts.push(receipt) {
            let (api, registry) = (self.api.clone(), Arc::clone(&self.registry));
            tasks::spawn(&self.api, async move {
                while let Some(receipt) = registry.receipts.next() {
                    let id = api.environment().random.stanza_id();
                    let receipt = receipt.to_stanza().attr("id", id);
                    if let Err(error) = api.send_untracked(receipt).await {
                        tracing::debug!(%error, "receipts could not be sent");
                        registry.receipts.give_up();
                    }
                }
            });
        }
    }
}
