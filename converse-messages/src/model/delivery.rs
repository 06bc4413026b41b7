//! How far a message has come.

use converse_core::router::StanzaError;
use converse_core::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

/// How far an outgoing message has come. What follows here comes later; only to be queued again it goes back. A message that a
/// receipt, a marker or the room proves to have arrived has arrived, also if it was given up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Delivery {
    /// It is safe, and waits for a session, or until the user is in the room.
    Queued,
    /// The session has it. Is that lost before the server has it, it is queued again.
    Sent,
    /// The server has it (XEP-0198, or without stream management it answered a ping that came after it).
    Acknowledged,
    /// It did not arrive, as far as is known; [`Message::error`](super::Message::error) says why.
    Failed,
    /// The room has sent it to everybody, the user included (XEP-0045 §7.4).
    Reflected,
    /// One of the other's clients has it (XEP-0184).
    Delivered,
    /// The other one has seen it (XEP-0333).
    Displayed,
}

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageError {
    /// The condition (RFC 6120 §8.3.3) that somebody answered with, or the name of an
    /// [`ErrorKind`] for what went wrong on this side.
    pub condition: String,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl MessageError {
    /// A condition, and the same for people.
    pub fn new(condition: impl Into<String>, text: Option<String>) -> Self {
        Self {
            condition: condition.into(),
            text,
        }
    }
}

impl From<StanzaError> for MessageError {
    fn from(error: StanzaError) -> Self {
        Self {
            condition: error.condition.as_str().to_owned(),
            text: error.text,
        }
    }
}

impl From<&Error> for MessageError {
    fn from(error: &Error) -> Self {
        let kind: ErrorKind = error.kind();
        Self {
            condition: kind.as_str().to_owned(),
            text: Some(error.to_string()),
        }
    }
}
