//! What somebody says in a room.

use converse_core::router::Stanza;
use converse_messages::model::{Author, Spot};
use converse_messages::wire::Incoming;

/// What somebody says, and who, as it was when it came.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stanza: Stanza,
    pub(crate) incoming: Incoming,
    pub(crate) by: Author,
    /// The id that the room gave it.
    pub(crate) stanza_id: Option<String>,
    /// Where the archive has it, if it comes from there.
    pub(crate) spot: Option<Spot>,
}

impl Said {
    /// What it takes in memory, about.
    pub(crate) fn size(&self) -> usize {
        self.stanza.element().source_len()
    }
}
