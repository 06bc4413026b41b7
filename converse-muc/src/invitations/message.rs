//! What invitations announce.

use converse_core::bus::Event;
use converse_core::router::StanzaError;
use jid::{BareJid, Jid};
use serde::Serialize;

use super::handle::Invitation;
use crate::api::Room;

/// The user was invited to a room. One that comes both ways, directly and through the room, is announced once.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "roomInviteReceived")]
#[serde(transparent)]
#[non_exhaustive]
pub struct RoomInviteReceived {
    /// The invitation.
    pub invitation: Invitation,
}

/// The user has invited somebody to a room.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "roomInviteSent")]
#[non_exhaustive]
pub struct RoomInviteSent {
    /// The room; by name it is its attributes.
    pub room: Room,
    /// Who was invited.
    pub recipient: Jid,
    /// The reason that was given.
    pub reason: Option<String>,
    /// Whether the room is to pass it on (XEP-0045 §7.8.2).
    pub mediated: bool,
}

/// Somebody whom the user has invited through a room does not want to come.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "roomInviteDeclined")]
#[non_exhaustive]
pub struct RoomInviteDeclined {
    /// The room's address.
    pub room: BareJid,
    /// Who it is, as the room says.
    pub from: Jid,
    /// Why, in at most 1,024 characters.
    pub reason: Option<String>,
}

/// An invitation that the user has sent did not arrive.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "roomInviteFailed")]
#[non_exhaustive]
pub struct RoomInviteFailed {
    /// The room's address.
    pub room: BareJid,
    /// Who was invited.
    pub recipient: Jid,
    /// What the room answered, or the server of who was invited; by name it is its text.
    #[serde(serialize_with = "error_text")]
    pub error: StanzaError,
}

fn error_text<S: serde::Serializer>(error: &StanzaError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(error)
}
