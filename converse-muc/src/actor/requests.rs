//! What rooms tell and ask outside of what is said in them.

use std::sync::Arc;

use converse_core::forms::Form;
use converse_core::router::{Stanza, StanzaError};

use super::MucActor;
use crate::managing::message::{
    AffiliationChanged, RoomRegistrationRequested, VoiceRequestRefused, VoiceRequested,
};
use crate::managing::{Asked, wire};
use crate::model::Opened;

impl MucActor {
    /// Takes a message of the room itself that is not said in it.
    pub(super) fn take_from_room(&self, room: &Arc<Opened>, stanza: &Stanza) {
        for affiliate in wire::read_affiliation_changes(stanza) {
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
