//! A message as everybody reads it.

use std::fmt;

use chrono::{DateTime, Utc};
use converse_core::router::StanzaError;
use converse_core::{Error, ErrorKind};
use jid::Jid;
use serde::{Deserialize, Serialize};

/// The id of a message on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for MessageId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SentBy {
    /// The user, here or with another client.
    Me,
    /// The other one.
    Them,
}

impl fmt::Display for SentBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Me => "me",
            Self::Them => "them",
        })
    }
}

/// What a message is for (RFC 6121 §5.2.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MessageKind {
    /// Part of a conversation.
    Chat,
    /// On its own; also every type that is not known.
    #[default]
    Normal,
    /// An announcement that expects no answer.
    Headline,
}

impl MessageKind {
    pub(crate) fn of(type_: Option<&str>) -> Self {
        match type_ {
            Some("chat") => Self::Chat,
            Some("headline") => Self::Headline,
            _ => Self::Normal,
        }
    }
}

/// How far an outgoing message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Delivery {
    /// It waits for room in the session.
    Queued,
    /// The session has it; while a lost connection is being replaced, it waits for the next one.
    Sent,
    /// The server has it (XEP-0198), or without stream management the connection took it.
    Acknowledged,
    /// It did not arrive, as far as is known; [`Message::error`] says why.
    Failed,
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

/// A chat state (XEP-0085 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatState {
    /// Takes part in the chat.
    Active,
    /// Has not taken part for a while.
    Inactive,
    /// Has left the chat.
    Gone,
    /// Is writing.
    Composing,
    /// Was writing and has stopped.
    Paused,
}

impl ChatState {
    /// The element's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Gone => "gone",
            Self::Composing => "composing",
            Self::Paused => "paused",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [
            Self::Active,
            Self::Inactive,
            Self::Gone,
            Self::Composing,
            Self::Paused,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }
}

/// A message of a chat: a snapshot that does not change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The id on the wire, which its sender chose; some senders choose none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// The id that its sender knows it by wherever it turns up (XEP-0359 §3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_id: Option<String>,
    /// Who wrote it.
    pub sender: SentBy,
    /// From which address.
    pub from: Jid,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// The text.
    pub body: String,
    /// The subject, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it was sent, as far as is known, else when it came.
    #[serde(with = "converse_core::contract::rfc3339")]
    pub time: DateTime<Utc>,
    /// Whether it was delivered late (XEP-0203).
    #[serde(default)]
    pub delayed: bool,
    /// For what the user wrote here: how far it has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// Why it did not arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<MessageError>,
}

impl Message {
    /// What it takes in memory, about.
    pub(crate) fn size(&self) -> usize {
        let subject = self.subject.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.body.len() + subject
    }
}

/// The texts are private and are left out.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("sender", &self.sender)
            .field("from", &self.from.as_str())
            .field("time", &self.time)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}
