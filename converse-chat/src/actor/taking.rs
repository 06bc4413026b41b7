//! What a message says, and into which chat it goes.

use converse_core::Error;
use converse_core::contract::Standing;
use converse_messages::model::{
    Added, Change, Delivery, Fold, Folded, Message, SentBy, Update, Whose,
};
use converse_messages::wire::{self, Incoming};
use jid::BareJid;

use super::{ChatActor, Letter, Said, is_server, kind_of};
use crate::api::{Chat, standing};
use crate::carbons::Side;
use crate::message::{MessageAdded, MessageReceived};
use crate::model::{Kind, State};
use crate::settings::ALLOW_NON_ROSTER_MESSAGING;

impl ChatActor {
    /// What a message says, if it may come in.
    pub(super) fn read(&self, letter: &Letter) -> Result<Option<Said>, Error> {
        let mut incoming = wire::read(&letter.envelope);
        if incoming.is_from_room {
            return Ok(None);
        }
        let standing = standing(&self.api, &letter.envelope.peer);
        let trusted = letter.envelope.sender == SentBy::Me
            || is_server(&letter.envelope.peer, &letter.envelope.own);
        self.take_delivery(letter, &incoming);
        let mut message = incoming.message.take();
        if let Some(filed) = &letter.filed {
            // What somebody did then is long over.
            incoming.state = None;
            filed.mark_all(message.as_mut(), incoming.fold.as_mut());
        }
        let change = self.change(letter, &mut incoming);
        // Without a roster everybody may write.
        if (message.is_some() || change.is_some())
            && !trusted
            && standing == Standing::Stranger
            && !self.api.settings().read(&ALLOW_NON_ROSTER_MESSAGING)?
        {
            tracing::debug!(from = %letter.envelope.peer, "a message of somebody who is no contact is ignored");
            return Ok(None);
        }
        Ok(Some(Said {
            incoming,
            message,
            change,
            wanted: trusted || matches!(standing, Standing::Contact(_)),
            is_known: false,
        }))
    }

    /// Does with a message what it says; whether it is new.
    pub(super) fn take(&self, letter: &Letter, said: Said) -> bool {
        let Said {
            incoming,
            message,
            change,
            wanted,
            is_known,
        } = said;
        let sent = self.archived_of_own(letter, &incoming, message.as_ref());
        if message.is_none() && change.is_none() && !is_known {
            self.take_state(letter, &incoming);
            self.acknowledge(letter, &incoming);
            return false;
        }
        if let Some(change) = change {
            self.take_change(letter, &incoming, change, wanted);
        }
        let is_message = message.is_some();
        let is_new =
            message.is_none_or(|message| self.take_message(letter, &incoming, message, wanted));
        // Only what comes for the first time (XEP-0184 §5.5).
        if is_new && !is_known {
            self.acknowledge(letter, &incoming);
        }
        self.note_arrived(letter, &sent);
        is_message && is_new
    }

    fn change(&self, letter: &Letter, incoming: &mut Incoming) -> Option<Change> {
        if let Some((id, reason)) = incoming.refused.take()
            && let Some(chat) = self.registry.get(Kind::Chat, &letter.envelope.peer)
        {
            let chat = Chat::new(&self.api, &self.registry, chat);
            chat.refuse(&id, letter.envelope.from.to_bare(), reason);
        }
        let fold = incoming.fold.take()?;
        let by = letter.author(incoming);
        let id = incoming.id.clone();
        Some(Change { by, id, fold })
    }

    fn take_message(
        &self,
        letter: &Letter,
        incoming: &Incoming,
        mut message: Message,
        wanted: bool,
    ) -> bool {
        let kind = kind_of(message.kind);
        note_copy(letter, &mut message);
        let mut is_new = false;
        self.with_chat(kind, &letter.envelope.peer, wanted, |chat, open| {
            let added = self.add(open, letter, message);
            if matches!(added, Added::Duplicate | Added::Moved(_)) {
                return;
            }
            is_new = true;
            if letter.is_news() {
                self.note_activity(chat, open, letter, incoming, matches!(added, Added::New(_)));
                // In the order of the history, while nobody else can add to it.
                let stanza = letter.envelope.stanza.clone();
                self.api.publish(MessageReceived::new(stanza, chat.clone()));
            }
            match added {
                Added::New(message) => {
                    self.api.publish(MessageAdded::new(chat.clone(), message));
                }
                Added::Completed(message) => chat.announce_update(message, Update::Corrected),
                Added::Retracted(message) => chat.announce_update(message, Update::Retracted),
                Added::Reflected(_) | Added::Moved(_) | Added::Duplicate => {}
            }
        });
        is_new
    }

    /// Adds a message to the history, where the archive has it if it comes from there.
    fn add(&self, open: &mut State, letter: &Letter, message: Message) -> Added {
        let whose = Whose::Side(message.sender);
        if let Some(filed) = &letter.filed {
            let spot = filed.spot(&open.history);
            return open.history.add_archived(message, whose, spot);
        }
        let (sender, id) = (message.sender, message.stanza_id.clone());
        let added = open.history.add_of(message, whose);
        let is_new = matches!(added, Added::New(_));
        let id = id.as_deref().map(|id| (id, is_new));
        let may_be_archived = id.is_some() || self.may_be_archived(letter, sender);
        self.note_live(&open.history, id, may_be_archived);
        added
    }

    fn take_change(&self, letter: &Letter, incoming: &Incoming, change: Change, wanted: bool) {
        let kind = kind_of(incoming.kind);
        let is_text = matches!(change.fold, Fold::Correction(_));
        if !is_text && self.registry.get(kind, &letter.envelope.peer).is_none() {
            // What opens no chat waits until something does.
            self.registry.note_early(&letter.envelope.peer, change);
            return;
        }
        self.with_chat(kind, &letter.envelope.peer, wanted, |chat, open| {
            let about = chat.about(&change);
            let folded = open.history.fold(change);
            if let (Folded::Added(message), Some(filed)) = (&folded, &letter.filed) {
                // It stands for what it corrects, which is not here.
                let spot = filed.spot(&open.history);
                let whose = Whose::Side(message.sender);
                open.history
                    .add_archived(Message::clone(message), whose, spot);
            }
            if is_text
                && letter.is_news()
                && matches!(folded, Folded::Added(_) | Folded::Changed(_))
            {
                let is_new = matches!(folded, Folded::Added(_));
                self.note_activity(chat, open, letter, incoming, is_new);
                let stanza = letter.envelope.stanza.clone();
                self.api.publish(MessageReceived::new(stanza, chat.clone()));
            }
            chat.announce(folded, about);
        });
    }

    /// Does something in the chat with somebody, which is opened if it is not open.
    fn with_chat(
        &self,
        kind: Kind,
        peer: &BareJid,
        wanted: bool,
        act: impl FnOnce(&Chat, &mut State),
    ) {
        // A chat that is being closed in another thread cannot be found the next time.
        loop {
            let (chat, is_new) = Chat::find_or_open(&self.api, &self.registry, kind, peer, wanted);
            let Ok(mut open) = chat.conversation().open() else {
                continue;
            };
            act(&chat, &mut open);
            chat.touch(&open);
            drop(open);
            if is_new && !wanted {
                chat.note_unwanted();
            }
            return;
        }
    }
}

/// What another client has sent is with the server, or that could make no copy.
pub(super) fn note_copy(letter: &Letter, message: &mut Message) {
    if letter.copied == Some(Side::Sent) {
        message.delivery = Some(Delivery::Acknowledged);
    }
}
