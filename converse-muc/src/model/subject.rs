//! What a room is about.

use serde::Serialize;

/// What a room is about at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Subject {
    /// The text, empty if there is none; at most 4,096 bytes.
    pub text: String,
    /// The nick of who set it, if it was an occupant.
    pub author: Option<String>,
}

impl Subject {
    pub(crate) fn new(text: String, author: Option<String>) -> Self {
        Self { text, author }
    }
}
