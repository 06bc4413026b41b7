//! What somebody does in a chat.

use serde::{Deserialize, Serialize};

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

    /// The one whose element has that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
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
