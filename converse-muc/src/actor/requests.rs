//! What rooms tell and ask outside of what is said in them.

use std::sync::Arc;

use converse_core::forms::Form;
use converse_core::router::{Stanza, StanzaError};

use super::MucActor;
use crate::managing::message::{
    AffiliationChanged, RoomRegistrationRequested, VoiceRequestRefused, VoiceRequested,
};
use crate::managing::{Asked, wire};
use crate::model::{Opened, StatusCode};

/// How many changes of one message are announced; honest rooms tell one.
const MAX_NEWS: usize = 100;

/// Takes what a presence says about the room's lists (XEP-0463 §5.2.2).
pub(super) fn take_lists(room: &Opened, stanza: &Stanza) {
    let is_own =
        StatusCode::all_of(&crate::wire::codes(stanza)).contains(&StatusCode::SelfPresence);
    let who = wire::read_affiliation_changes(stanza).into_iter().next();
    room.lists
        .take_presence(wire::read_step(stanza), is_own, who);
}

impl MucActor {
    /// Takes a message of the room itself that is not said in it.
    pub(super) fn take_from_room(&self, room: &Arc<Opened>, stanza: &Stanza) {
        let changes = wire::read_affiliation_changes(stanza);
        let is_news = match wire::read_step(stanza) {
            Some(step) if room.lists.are_asked() => room.lists.take_message(step, &changes),
            _ => true,
        };
        for affiliate in changes.into_iter().take(MAX_NEWS).filter(|_| is_news) {
            let chatbox = self.handle(room);
            self.api.publish(AffiliationChanged { chatbox, affiliate });
        }
        let form = match Form::inside(stanza.root()) {
            Ok(form) => form,
            Err(error) => {
                tracing::debug!(room = %room.jid, %error, "a form of a room cannot be read");
                None
            }
        };
        let chatbox = self.handle(room);
        match form.and_then(Asked::read) {
            Some(Asked::Voice(request)) => {
                self.api.publish(VoiceRequested { chatbox, request });
            }
            Some(Asked::Registration(request)) => {
                self.api
                    .publish(RoomRegistrationRequested { chatbox, request });
            }
            None => {}
        }
    }

    /// The user's request for voice was not passed on.
    pub(super) fn publish_voice_refused(&self, room: &Arc<Opened>, error: StanzaError) {
        let chatbox = self.handle(room);
        let error = Arc::new(error.into());
        self.api.publish(VoiceRequestRefused { chatbox, error });
    }
}
