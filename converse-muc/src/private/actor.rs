//! Puts what occupants write to the user alone into private chats.

mod occupants;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::bus::{Handled, Hears};
use converse_core::contract::{CopiedSide, OccupantCopy};
use converse_core::ns;
use converse_core::router::{Condition, Stanza, StanzaError};
use converse_messages::model::{
    Added, Author, Change, ChatState, Delivery, Fold, Message, MessageError, MessageId, SentBy,
    Update,
};
use converse_messages::outbox::{Lane, Outbox};
use converse_messages::wire::{Envelope, Incoming, markers, read};
use jid::{BareJid, Jid};

use super::api::PrivateChat;
use super::conversation::State;
use super::message::{PrivateChatStateChanged, PrivateMessageAdded, PrivateMessageReceived};
use crate::actor::{MucActor, address};
use crate::model::{ConnectionStatus, Opened};
use crate::wire::is_carbon;

/// A message that an occupant wrote to the user alone, or the user to an occupant, and how it came.
struct Arrival {
    room: Arc<Opened>,
    stanza: Stanza,
    from: Jid,
    /// The nick of the other one.
    nick: String,
    sender: SentBy,
    is_copy: bool,
    /// When the account's server had it, if it is a copy and says so.
    sent_at: Option<DateTime<Utc>>,
}

// 1 events heard

impl Hears<OccupantCopy> for MucActor {
    /// Another client of the user's has written to an occupant, or got something (XEP-0280 §6.1).
    async fn hear(&mut self, copy: Arc<OccupantCopy>) -> Handled {
        let Ok(stanza) = Stanza::from_element(copy.message.clone()) else {
            return Ok(());
        };
        let (other, sender) = match copy.side {
            CopiedSide::Sent => (stanza.to(), SentBy::Me),
            CopiedSide::Received => (stanza.from(), SentBy::Them),
        };
        let Some((other, nick)) = other.and_then(|jid| Some((jid, jid.resource()?))) else {
            return Ok(());
        };
        let Some(room) = self.registry.get(&other.to_bare()) else {
            return Ok(());
        };
        let from = match sender {
            SentBy::Me => own_address(&room),
            SentBy::Them => Some(other.clone()),
        };
        let Some(from) = from else { return Ok(()) };
        let nick = nick.as_str().to_owned();
        self.take_arrival(&Arrival {
            room,
            from,
            nick,
            sender,
            is_copy: true,
            sent_at: copy.sent_at,
            stanza,
        });
        Ok(())
    }
}

// 2 stanzas

impl MucActor {
    /// A message that is not for everybody came from a room. From the room itself it is no private message, nor is an invitation
    /// one, from wherever (XEP-0045 §7.8).
    pub(crate) fn take_private(&self, room: &Arc<Opened>, from: &Jid, stanza: &Stanza) {
        let Some(nick) = from.resource() else { return };
        let is_known = room.any().nick.is_some();
        if !is_known || is_carbon(stanza) || is_about_membership(stanza) {
            tracing::debug!(room = %room.jid, "a message that no occupant can have sent to the user is ignored");
            return;
        }
        let is_own = room.any().nick.as_deref() == Some(nick.as_str());
        self.take_arrival(&Arrival {
            room: Arc::clone(room),
            stanza: stanza.clone(),
            from: from.clone(),
            nick: nick.as_str().to_owned(),
            sender: if is_own { SentBy::Me } else { SentBy::Them },
            is_copy: false,
            sent_at: None,
        });
    }

    /// Something that was sent to an occupant was not passed on (XEP-0045 §7.5). Only the room and the one that it was for know
    /// its id.
    pub(crate) async fn take_private_error(&mut self, room: &Arc<Opened>, stanza: &Stanza) {
        let Some(id) = stanza.id() else { return };
        let error = StanzaError::of(stanza.root());
        let is_outside = error.condition == Condition::NotAcceptable;
        let error = MessageError::from(error);
        let chats = room.private.all().into_iter();
        let mut chats = chats.map(|chat| PrivateChat::new(&self.api, room, chat));
        let (is_entered, comes_back) = {
            let state = room.any();
            let is_entered = state.status == ConnectionStatus::Entered;
            (is_entered, state.comes_back())
        };
        if is_outside && comes_back && chats.clone().any(|chat| chat.was_turned_away(&id)) {
            // It waits until it is known whether the user is in the room, or until he is again.
            if is_entered {
                room.any().way.is_doubted = true;
                self.ping_self(room).await;
            }
            return;
        }
        if !chats.any(|chat| chat.fail(&id, &error)) {
            return;
        }
        // That is what somebody hears who is not in the room.
        if is_outside && is_entered {
            self.ping_self(room).await;
        }
    }

    fn take_arrival(&self, arrival: &Arrival) {
        let Some(own) = self.api.session().bare_jid() else {
            return;
        };
        let envelope = arrival.envelope(own, self.api.environment().clock.now());
        let mut incoming = read(&envelope);
        self.note_arrived(arrival, &incoming);
        let message = incoming.message.take();
        let change = arrival.change(&mut incoming);
        let opens = message.is_some()
            || matches!(&change, Some(change) if matches!(change.fold, Fold::Correction(_)));
        if opens {
            self.with_private(arrival, |chat, open| {
                if let Some(change) = change {
                    self.fold_change(arrival, chat, open, change);
                }
                if let Some(message) = message {
                    self.add_message(arrival, chat, open, message);
                }
                if arrival.sender == SentBy::Them && !incoming.delayed {
                    open.typing.heard(incoming.state.is_some());
                }
                self.note_state(arrival, chat, open, incoming.state);
            });
            return;
        }
        // What is no message of its own opens nothing.
        let Some(chat) = arrival.room.private.get(&arrival.nick) else {
            return;
        };
        let chat = PrivateChat::new(&self.api, &arrival.room, chat);
        let Ok(mut open) = chat.conversation().open() else {
            return;
        };
        if let Some((id, reason)) = incoming.refused.take() {
            chat.refuse(MessageId::new(id), reason);
        }
        match change {
            Some(change) => drop(chat.fold(&mut open, change)),
            None if incoming.has_markers => arrival.note_displayed(&chat, &mut open, &incoming),
            None => self.note_state(arrival, &chat, &mut open, incoming.state),
        }
    }

    /// What the account's server copies, or has in its archive, has left.
    fn note_arrived(&self, arrival: &Arrival, incoming: &Incoming) {
        if !arrival.is_copy || arrival.sender != SentBy::Me {
            return;
        }
        let lane = address(&arrival.room.jid, &arrival.nick).map(|jid| Lane::private(&jid));
        let (Ok(lane), Some(outbox), Some(id)) =
            (lane, self.api.provided::<Outbox>(), incoming.id.as_ref())
        else {
            return;
        };
        if outbox.arrived(&lane, id.as_str()) {
            outbox.acknowledged(&lane, id.as_str());
        }
    }

    fn add_message(
        &self,
        arrival: &Arrival,
        chat: &PrivateChat,
        open: &mut State,
        mut message: Message,
    ) {
        if arrival.is_copy && arrival.sender == SentBy::Me {
            // The server has it, or it could make no copy.
            message.delivery = Some(Delivery::Acknowledged);
        }
        match open.history.add(message) {
            Added::New(message) => {
                self.announce_received(arrival, chat, open);
                let chatbox = chat.clone();
                self.api.publish(PrivateMessageAdded { chatbox, message });
            }
            Added::Completed(message) => chat.announce(message, Some(Update::Corrected)),
            _ => {}
        }
    }

    fn fold_change(&self, arrival: &Arrival, chat: &PrivateChat, open: &mut State, change: Change) {
        if chat.fold(open, change) {
            self.announce_received(arrival, chat, open);
        }
    }

    /// In the order of the history, while nobody else can add to it.
    fn announce_received(&self, arrival: &Arrival, chat: &PrivateChat, open: &mut State) {
        match arrival.sender {
            SentBy::Them => chat.set_unread(open, open.unread + 1),
            // He has seen what he answers.
            SentBy::Me => {
                chat.set_unread(open, 0);
                open.is_wanted = true;
            }
        }
        self.api.publish(PrivateMessageReceived {
            chatbox: chat.clone(),
            stanza: arrival.stanza.clone(),
        });
    }

    /// What the other one does. Whoever has written is not writing any more.
    fn note_state(
        &self,
        arrival: &Arrival,
        chat: &PrivateChat,
        open: &mut State,
        state: Option<ChatState>,
    ) {
        if arrival.sender == SentBy::Them && open.chat_state != state {
            open.chat_state = state;
            let chatbox = chat.clone();
            self.api.publish(PrivateChatStateChanged { chatbox, state });
        }
    }

    /// Does something in the chat with whoever wrote, which is opened if it is not open.
    fn with_private(&self, arrival: &Arrival, act: impl FnOnce(&PrivateChat, &mut State)) {
        let is_wanted = arrival.sender == SentBy::Me;
        // A chat that is being closed in another thread cannot be found the next time.
        loop {
            let found =
                PrivateChat::find_or_open(&self.api, &arrival.room, &arrival.nick, is_wanted);
            let (chat, is_new) = found;
            let Ok(mut open) = chat.conversation().open() else {
                continue;
            };
            act(&chat, &mut open);
            chat.touch(&open);
            drop(open);
            if is_new && !is_wanted {
                self.bound_private(&chat);
            }
            return;
        }
    }

    /// Somebody else opened it; the oldest such chat is closed if there are too many.
    fn bound_private(&self, chat: &PrivateChat) {
        if let Some(oldest) = chat.note_unwanted() {
            tracing::warn!(room = %oldest.room().jid(), "too many occupants have written; the oldest private chat is closed");
            oldest.close_for_good();
        }
    }
}

impl Arrival {
    fn envelope(&self, own: BareJid, now: DateTime<Utc>) -> Envelope {
        Envelope {
            stanza: self.stanza.clone(),
            from: self.from.clone(),
            peer: self.room.jid.clone(),
            sender: self.sender,
            own,
            now,
            sent_at: self.sent_at,
            has_stanza_ids: false,
            has_occupant_ids: false,
        }
    }

    fn author(&self, incoming: &Incoming) -> Author {
        Author {
            delayed: incoming.delayed,
            ..Author::of_side(self.sender, self.from.clone(), incoming.time)
        }
    }

    fn change(&self, incoming: &mut Incoming) -> Option<Change> {
        let fold = incoming.fold.take()?;
        Some(Change {
            by: self.author(incoming),
            id: incoming.id.clone(),
            fold,
        })
    }

    /// The other one has seen what the user wrote (XEP-0333).
    fn note_displayed(&self, chat: &PrivateChat, open: &mut State, incoming: &Incoming) {
        let displayed = markers::read(&self.stanza);
        if let Some(id) = displayed.filter(|_| self.sender == SentBy::Them) {
            let by = self.author(incoming);
            let fold = Fold::Displayed { id };
            chat.fold(open, Change { by, id: None, fold });
        }
    }
}

/// As whom the user writes in the room, with whichever client.
fn own_address(room: &Opened) -> Option<Jid> {
    let nick = room.any().nick.clone()?;
    Some(address(&room.jid, &nick).ok()?.into())
}

/// Whether a message invites into a room or answers an invitation, which only the room says (XEP-0045 §7.8.2).
fn is_about_membership(stanza: &Stanza) -> bool {
    let user = stanza.child("x", ns::MUC_USER);
    user.is_some_and(|user| {
        let mut children = user.children();
        children.any(|child| matches!(child.name(), "invite" | "decline"))
    })
}
