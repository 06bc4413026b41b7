//! What is said in rooms.

use std::sync::Arc;

use converse_core::router::{Condition, Stanza, StanzaError};
use jid::Jid;

use super::MucActor;
use super::asking::Asked;
use crate::managing::Refused;
use crate::message::{RoomNotice, RoomSubjectChanged};
use crate::model::{ConnectionStatus, Opened, StatusCode};
use crate::wire;

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
        let (is_entered, comes_back) = {
            let state = room.any();
            let is_entered = state.status == ConnectionStatus::Entered;
            (is_entered, state.comes_back())
        };
        let chatbox = self.handle(room);
        if is_outside && comes_back && chatbox.was_turned_away(&id) {
            // It waits until it is known whether the user is in the room, or until he is again.
            if is_entered {
                room.any().way.is_doubted = true;
                self.ping_self(room).await;
            }
            return;
        }
        let is_ours = chatbox.fail(&id, &error.into());
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
                // An archive tells more than the room.
                state.way.is_told |= !state.joining.is_archived;
            }
            self.handle(room).wake();
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
        self.take_said(room, from, stanza).await;
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

    /// An occupant says something (XEP-0045 §7.4), or the room has something become of what was said (XEP-0425 §4). While the
    /// archive is being caught up with, it waits: it was said after what comes from there.
    async fn take_said(&self, room: &Arc<Opened>, from: &Jid, stanza: &Stanza) {
        let chatbox = self.handle(room);
        let said = chatbox.read_live(&mut room.any(), from, stanza);
        let Some(mut said) = said else {
            return;
        };
        chatbox.look_up(&mut said).await;
        // While the state is locked, so that the order of the events is that of the history.
        let mut state = room.any();
        let archive = &mut state.talk.archive;
        let size = said.size();
        let Err(said) = archive.held.hold(said, size) else {
            return;
        };
        if archive.held.is_holding() {
            tracing::debug!(room = %room.jid, "too much comes live to wait for the archive");
            chatbox.let_through(&mut state);
        }
        chatbox.hear(&mut state, said);
    }
}
