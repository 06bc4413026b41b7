//! Where the user is with a room.

use std::fmt;

use serde::Serialize;

/// Whether the user is in a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionStatus {
    /// Not in the room; [`Disconnection`] says why, if there is a reason.
    #[default]
    Disconnected,
    /// The room has been asked, and has not said yes or no.
    Connecting,
    /// The room needs a nick, or another one: [`Room::join`](crate::Room::join).
    NicknameRequired,
    /// The room needs a password, or another one: [`Room::join`](crate::Room::join).
    PasswordRequired,
    /// In the room.
    Entered,
    /// The user is banned from the room.
    Banned,
    /// The room is no more; [`Room::moved_jid`](crate::Room::moved_jid) may say where it went.
    Destroyed,
}

impl ConnectionStatus {
    /// The name, as converse.js has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Connecting => "connecting",
            Self::NicknameRequired => "nickname_required",
            Self::PasswordRequired => "password_required",
            Self::Entered => "entered",
            Self::Banned => "banned",
            Self::Destroyed => "destroyed",
        }
    }
}

impl fmt::Display for ConnectionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why the user is not in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Disconnection {
    /// `kicked`, `banned`, `affiliation-changed`, `members-only`, `shutdown`, `error`, `destroyed`, `left`, or the stanza
    /// error's condition (RFC 6120 §8.3.3) with which the room refused the user.
    pub reason: String,
    /// The nick or the address of who did it, if the room told.
    pub actor: Option<String>,
    /// What was said with it; at most 1,024 characters.
    pub text: Option<String>,
}

impl Disconnection {
    pub(crate) fn new(reason: &str, actor: Option<String>, text: Option<String>) -> Self {
        Self {
            reason: reason.to_owned(),
            actor,
            text,
        }
    }
}
