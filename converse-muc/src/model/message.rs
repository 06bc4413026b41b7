//! A message of a room as everybody reads it.

use std::fmt;

use chrono::{DateTime, Utc};
use converse_core::Error;
use converse_core::router::StanzaError;
use serde::Serialize;

/// The id of a message on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RoomMessageId(String);

impl RoomMessageId {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who wrote a message of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RoomSender {
    /// The user: somebody under the user's nick.
    Me,
    /// Another occupant.
    Them,
}

/// How far an outgoing message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RoomDelivery {
    /// It waits for room in the session.
    Queued,
    /// The session has it.
    Sent,
    /// The room has sent it to everybody, the user included (XEP-0045 §7.4).
    Reflected,
    /// It did not arrive, as far as is known; [`RoomMessage::error`] says why.
    Failed,
}

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoomMessageError {
    /// The condition (RFC 6120 §8.3.3) that the room answered with, or the name of an
    /// [`ErrorKind`](converse_core::ErrorKind) for what went wrong on this side.
    pub condition: String,
    /// The same for people.
    pub text: Option<String>,
}

impl From<StanzaError> for RoomMessageError {
    fn from(error: StanzaError) -> Self {
        Self {
            condition: error.condition.as_str().to_owned(),
            text: error.text,
        }
    }
}

impl From<&Error> for RoomMessageError {
    fn from(error: &Error) -> Self {
        Self {
            condition: error.kind().as_str().to_owned(),
            text: Some(error.to_string()),
        }
    }
}

/// A message of a room: a snapshot that does not change.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoomMessage {
    /// The id on the wire, which its sender chose; some senders choose none.
    pub id: Option<RoomMessageId>,
    /// The id that its sender knows it by wherever it turns up (XEP-0359 §3.2).
    pub origin_id: Option<String>,
    /// The id that the room gave it, from rooms that say that they do (XEP-0359 §3.1).
    pub stanza_id: Option<String>,
    /// Whether the user wrote it.
    pub sender: RoomSender,
    /// Under which nick it was written.
    pub nick: String,
    /// The text.
    pub body: String,
    /// When it was sent, as far as is known, else when it came.
    #[serde(with = "converse_core::contract::rfc3339")]
    pub time: DateTime<Utc>,
    /// Whether it is older than the user's visit to the room (XEP-0045 §7.2.13).
    pub delayed: bool,
    /// For what the user wrote here: how far it has come.
    pub delivery: Option<RoomDelivery>,
    /// Why it did not arrive.
    pub error: Option<RoomMessageError>,
}

impl RoomMessage {
    /// What it takes in memory, about.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.body.len() + self.nick.len()
    }

    /// Whether it names somebody, as a word of its own and in the same case.
    pub(crate) fn mentions(&self, nick: &str) -> bool {
        let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
        !nick.is_empty()
            && self.body.match_indices(nick).any(|(start, _)| {
                let before = self.body[..start].chars().next_back();
                let after = self.body[start + nick.len()..].chars().next();
                !is_word(before) && !is_word(after)
            })
    }
}

/// The texts are private and are left out.
impl fmt::Debug for RoomMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomMessage")
            .field("id", &self.id)
            .field("sender", &self.sender)
            .field("nick", &self.nick)
            .field("time", &self.time)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

/// What a room is about at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Subject {
    /// The text, empty if there is none; at most 4,096 bytes.
    pub text: String,
    /// The nick of who set it, if it was an occupant.
    pub author: Option<String>,
}
