//! What is announced about running a room.

use std::sync::Arc;

use converse_core::Error;
use converse_core::bus::Event;
use serde::{Serialize, Serializer};

use super::{Affiliate, RegistrationRequest, VoiceRequest};
use crate::api::Room;

macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $name:literal { $($(#[$about:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Event)]
        #[event(name = $name)]
        #[non_exhaustive]
        pub struct $event {
            /// The room; by name it is its attributes.
            pub chatbox: Room,
            $($(#[$about])* pub $field: $type,)*
        }
    )*};
}

events! {
    /// A room that was created by entering it is configured now, and others can enter it (XEP-0045 §10.1).
    RoomConfigured = "roomConfigured" {
        /// What of the wanted configuration the room does not have, or cannot be as it was wanted. What would keep people
        /// out is never among it: without that a room is not opened.
        ignored: Vec<String>,
    }

    /// A room that was created by entering it could not be configured as was wanted: nobody else can enter it until it is,
    /// with [`Room::configure`] or [`Room::accept_defaults`].
    RoomConfigurationFailed = "roomConfigurationFailed" {
        /// What went wrong.
        #[serde(serialize_with = "text")]
        error: Arc<Error>,
    }

    /// A room was created by entering it, and the setting `muc_instant_rooms` is off: nobody else can enter it until it is
    /// configured with [`Room::configure`] or [`Room::accept_defaults`]; [`Room::cancel_configuration`] gives it up.
    RoomConfigurationRequired = "roomConfigurationRequired" {}

    /// A visitor wants to talk, and the user is a moderator: [`Room::approve_voice`] lets them (XEP-0045 §8.6).
    VoiceRequested = "voiceRequested" {
        /// Who wants it.
        request: VoiceRequest,
    }

    /// The room refused the user's [request for voice](Room::request_voice).
    VoiceRequestRefused = "voiceRequestRefused" {
        /// Why.
        #[serde(serialize_with = "text")]
        error: Arc<Error>,
    }

    /// Somebody wants to register with the room, and the user is an admin: [`Room::answer_registration`] says yes or no
    /// (XEP-0045 §9.9).
    RoomRegistrationRequested = "roomRegistrationRequested" {
        /// Who wants it.
        request: RegistrationRequest,
    }

    /// The room said that somebody who is not in it has another affiliation now (XEP-0045 §10.3 to §10.7). Of occupants it is
    /// told by [`OccupantChanged`](crate::message::OccupantChanged).
    AffiliationChanged = "affiliationChanged" {
        /// Who, and what they are now.
        affiliate: Affiliate,
    }
}

fn text<S: Serializer>(error: &Arc<Error>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&error.to_line())
}
