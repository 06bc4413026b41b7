//! Messages that moderators took away.

use jid::Jid;
use serde::{Deserialize, Serialize};

/// That a moderator had the room retract a message (XEP-0425).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Moderation {
    /// Who did it, if the room tells: an occupant's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Jid>,
    /// The id of that occupant (XEP-0421), if the room vouches for such ids and tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupant_id: Option<String>,
    /// Why, if it was said; at most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Moderation {
    /// A moderation of which nothing is known but who and why.
    #[must_use]
    pub fn new(by: Option<Jid>, occupant_id: Option<String>, reason: Option<String>) -> Self {
        Self {
            by,
            occupant_id,
            reason,
        }
    }

    /// What it takes in memory besides itself, about.
    pub(crate) fn extra_size(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let by = self.by.as_ref().map_or(0, |by| by.as_str().len());
        by + length(&self.occupant_id) + length(&self.reason)
    }
}
