//! What is said in rooms.

use std::sync::Arc;

use converse_core::router::{Condition, Stanza, StanzaError};
use converse_messages::model::{Added, Author, Change, Fold, Message, SentBy, Update};
use converse_messages::wire::{self as messages, Envelope, Incoming, markers};
use jid::Jid;

use super::MucActor;
use super::asking::Asked;
use crate::api::Room;
use crate::managing::Refused;
use crate::message::{
    RoomMessageAdded, RoomMessageDeliveryChanged, RoomMessageReceived, RoomNotice,
    RoomSubjectChanged,
};
use crate::model::{ConnectionStatus, Opened, RoomFeature, State, StatusCode};
use crate::wire;

/// What somebody says, and who.
struct Said<'a> {
    stanza: &'a Stanza,
    incoming: Incoming,
    by: Author,
}

impl MucActor {
    /// Something that was sent did not arrive (XEP-0045 §7.4); what was not sent from here says nothing.
    pub(super) async fn take_error(&mut self, room: &Arc<Opened>, stanza: &Stanza) {
        let Some(id) = stanza.id() else { return };
        let error = StanzaError::of(stanza.root());
        match room.awaited.refused(&id, &error) {
            Refused::Nothing => {}
            Refused::Subject => return,
            Refused::VoiceRequest => {
                self.publish_voice_refused(room, error);
                return;
            }
        }
        let is_outside = error.condition == Condition::NotAcceptable;
        let is_ours = self.handle(room).fail(&id, error.into());
        let is_entered = room.any().status == ConnectionStatus::Entered;
        // XEP-0045 §7.4: that is what somebody hears who is not in the room.
        if is_ours && is_outside && is_entered {
            self.ping_self(room).await;
        }
    }

    pub(super) async fn take_message(&self, room: &Arc<Opened>, from: &Jid, stanza: &Stanza) {
        let is_entered = room.any().status == ConnectionStatus::Entered;
        if !is_entered || wire::is_carbon(stanza) {
            tracing::debug!(room = %room.jid, "a message that no occupant can have sent is ignored");
            return;
        }
        if let Some(subject) = wire::read_subject(stanza, from) {
            {
                let mut state = room.any();
                state.subject = Some(subject.clone());
                state.joining.catch_up();
            }
            room.awaited
                .subject_is(stanza.id().as_deref(), &subject.text);
            let chatbox = self.handle(room);
            self.registry.touch(&chatbox);
            self.api.publish(RoomSubjectChanged { chatbox, subject });
            return;
        }
        if from.resource().is_none() {
            Box::pin(self.take_notice(room, stanza)).await;
        }
        self.take_said(room, from, stanza);
    }

    /// The room itself says something: that it was configured anew, for one (XEP-0045 §10.2.1).
    async fn take_notice(&self, room: &Arc<Opened>, stanza: &Stanza) {
        let mut codes = StatusCode::all_of(&wire::codes(stanza));
        codes.retain(|code| code.is_about_configuration());
        if codes.is_empty() {
            return;
        }
        room.any().take_codes(&codes);
        let chatbox = self.handle(room);
        self.api.publish(RoomNotice { chatbox, codes });
        let question = wire::ask_info(&room.jid);
        self.ask(Asked::News(Arc::clone(room)), question).await;
    }

    /// An occupant says something (XEP-0045 §7.4), or the room has something become of what was said (XEP-0425 §4).
    fn take_said(&self, room: &Arc<Opened>, from: &Jid, stanza: &Stanza) {
        let Some(own) = self.account.clone() else {
            return;
        };
        let chatbox = self.handle(room);
        // While the state is locked, so that the order of the events is that of the history.
        let mut state = room.any();
        let envelope = Envelope {
            stanza: stanza.clone(),
            from: from.clone(),
            peer: room.jid.clone(),
            sender: SentBy::Them,
            own,
            now: self.api.environment().clock.now(),
            sent_at: None,
            // An id that lasts counts only from a room that gives each message one, and takes away what others wrote there.
            has_stanza_ids: state.has(RoomFeature::StableIds),
            has_occupant_ids: state.has(RoomFeature::OccupantIds),
        };
        let mut incoming = messages::read(&envelope);
        let by = state.author(from, &incoming);
        let (fold, message) = (incoming.fold.take(), incoming.message.take());
        let refused = incoming.refused.take();
        let said = Said {
            stanza,
            incoming,
            by,
        };
        let Some(nick) = from.resource() else {
            // The room has no other messages than those about messages.
            if let Some(fold @ Fold::Moderation { .. }) = fold {
                take_fold(&chatbox, &mut state, said, fold);
            }
            return;
        };
        if let Some((id, reason)) = refused {
            chatbox.refuse(&id, said.by.jid.clone(), reason);
        }
        take_signals(&chatbox, &mut state, &said, nick.as_str());
        if let Some(mut message) = message {
            message.sender = said.by.sender;
            self.add(&chatbox, &mut state, &said, message);
        }
        if let Some(fold) = fold {
            take_fold(&chatbox, &mut state, said, fold);
        }
    }

    fn add(&self, chatbox: &Room, state: &mut State, said: &Said<'_>, message: Message) {
        let (chatbox, stanza) = (chatbox.clone(), said.stanza.clone());
        let whose = said.by.whose.clone();
        match state.talk.history.add_of(message, whose) {
            Added::New(message) => {
                self.api.publish(RoomMessageReceived {
                    chatbox: chatbox.clone(),
                    stanza,
                });
                self.api.publish(RoomMessageAdded {
                    chatbox: chatbox.clone(),
                    message: message.clone(),
                });
                chatbox.note_newest(state, &message);
            }
            Added::Reflected(message) => {
                self.api
                    .publish(RoomMessageDeliveryChanged { chatbox, message });
            }
            Added::Completed(message) => chatbox.announce_update(message, Update::Corrected),
            Added::Retracted(message) => chatbox.announce_update(message, Update::Retracted),
            Added::Moved(_) | Added::Duplicate => {}
        }
    }
}

/// Something becomes of a message.
fn take_fold(chatbox: &Room, state: &mut State, said: Said<'_>, mut fold: Fold) {
    let Said {
        stanza,
        incoming,
        by,
    } = said;
    if let Fold::Correction(correction) = &mut fold {
        correction.sender = by.sender;
    }
    let change = Change {
        by,
        id: incoming.id,
        fold,
    };
    chatbox.fold(state, change, Some(stanza));
}

/// What comes besides messages: that somebody writes, and what was displayed.
fn take_signals(chatbox: &Room, state: &mut State, said: &Said<'_>, nick: &str) {
    let Said {
        stanza,
        incoming,
        by,
    } = said;
    let is_live = by.sender == SentBy::Them && !by.delayed;
    // Whoever has said something is not writing any more.
    if is_live {
        chatbox.take_state(state, nick, incoming.state);
    }
    if incoming.has_markers
        && let Some(id) = markers::read(stanza)
    {
        chatbox.take_marker(state, by, nick, &id);
    }
}
