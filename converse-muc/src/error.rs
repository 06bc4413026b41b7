//! What can go wrong with a room, apart from what the room itself answers.

mod joining;

use converse_core::{Error, ErrorKind};
use jid::BareJid;

use crate::model::ConnectionStatus;

pub use joining::JoinError;
pub(crate) use joining::Known;

/// Why a call of the grouping was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MucError {
    /// The setting `allow_muc` is off.
    #[error("rooms.open: the setting `allow_muc` is off, so there are no rooms")]
    NotAllowed,
    /// Without a session nothing can be joined.
    #[error("rooms.open: there is no session; log in first")]
    NotConnected,
    /// The address of a room has a local part.
    #[error("{call}: `{jid}` cannot be a room; the address of one has a local part")]
    NoRoom {
        /// What was called.
        call: &'static str,
        /// The address.
        jid: BareJid,
    },
    /// The nick cannot be the resource of an address (RFC 7622 §3.4).
    #[error("a nick must be a resource of 1 to 1,023 bytes without forbidden characters")]
    BadNick,
    /// So many rooms can be open at once.
    #[error("rooms.open: {max} rooms are open; close one first")]
    TooMany {
        /// How many can be open.
        max: usize,
    },
    /// The handle stands for a room that was closed.
    #[error("the room `{jid}` is closed; open it again with rooms.open")]
    Closed {
        /// Which room.
        jid: BareJid,
    },
    /// The user is not in the room.
    #[error("the user is not in the room `{jid}`: {status}{}", .reason.as_ref().map(|reason| format!(" ({})", reason.escape_debug())).unwrap_or_default())]
    NotEntered {
        /// Which room.
        jid: BareJid,
        /// Where the user is instead.
        status: ConnectionStatus,
        /// Why, as [`Disconnection::reason`](crate::Disconnection::reason) has it.
        reason: Option<String>,
        /// Why the last attempt to enter failed, if it did.
        #[source]
        cause: Option<JoinError>,
    },
    /// The room did not answer.
    #[error("the room `{jid}` did not answer in time")]
    NoAnswer {
        /// Which room.
        jid: BareJid,
    },
    /// The nick belongs to somebody else in the room.
    #[error("room.set_nick: the nick is taken; choose another")]
    NickTaken,
    /// Another change of the nick is not answered yet.
    #[error("room.set_nick: another change is under way; wait for it")]
    NickBusy,
    /// An attribute follows from what happens in the room.
    #[error("room.set: `{}` follows from what happens in the room, and cannot be set", .attribute.escape_debug())]
    ReadOnly {
        /// The attribute.
        attribute: String,
    },
    /// An attribute was set to something that it cannot be.
    #[error("room.set: `{attribute}` must be {expected}")]
    WrongValue {
        /// The attribute.
        attribute: &'static str,
        /// What it can be.
        expected: &'static str,
    },
    /// Nothing in a room can refer to a message by the id that its sender chose: others may have chosen the same.
    #[error("the room gave the message no id (yet), so that nothing can refer to it")]
    NoStanzaId,
    /// The room does not know XEP-0425.
    #[error("room.moderate: the room has no moderation of messages")]
    NoModeration,
}

impl From<MucError> for Error {
    fn from(error: MucError) -> Self {
        let kind = match &error {
            MucError::NotAllowed | MucError::TooMany { .. } | MucError::NoModeration => {
                ErrorKind::Unsupported
            }
            MucError::NoAnswer { .. }
            | MucError::NotEntered {
                cause: Some(JoinError::NoAnswer),
                ..
            } => ErrorKind::Timeout,
            MucError::NotConnected | MucError::NotEntered { .. } => ErrorKind::Disconnected,
            MucError::Closed { .. } => ErrorKind::Closed,
            MucError::NickTaken | MucError::NickBusy => ErrorKind::Conflict,
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
