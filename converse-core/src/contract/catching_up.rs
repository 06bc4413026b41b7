//! That what was missed is being fetched from an archive, and that it is here.

use converse_macros::Event;
use jid::BareJid;
use serde::Serialize;

/// Messages that were missed come from an archive (XEP-0313): after each page, how many it is so far.
///
/// Those messages are announced as others are, in their order; what comes live meanwhile waits for its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Event)]
#[event(name = "archiveCatchingUp")]
#[non_exhaustive]
pub struct CatchingUp {
    /// The room whose archive it is; without one it is that of the own account.
    pub room: Option<BareJid>,
    /// How many messages came since it began.
    pub messages: usize,
}

impl CatchingUp {
    /// So many messages came from that archive.
    #[must_use]
    pub fn new(room: Option<BareJid>, messages: usize) -> Self {
        Self { room, messages }
    }
}

/// What an archive has is here, as far as it can be had: nothing that comes live waits any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Event)]
#[event(name = "archiveCaughtUp")]
#[non_exhaustive]
pub struct CaughtUp {
    /// The room whose archive it is; without one it is that of the own account.
    pub room: Option<BareJid>,
    /// How many messages came from it.
    pub messages: usize,
    /// How much of what was missed is here.
    pub missed: Missed,
}

/// How much of what was missed is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Missed {
    /// All of it.
    Whole,
    /// The newest of it; the rest is a gap, and comes when somebody asks for older messages.
    Gap,
    /// It is not known: the archive did not answer to the end. It is asked again later.
    Unknown,
    /// There is no archive.
    Unavailable,
}

impl CaughtUp {
    /// So many messages came from that archive.
    #[must_use]
    pub fn new(room: Option<BareJid>, messages: usize, missed: Missed) -> Self {
        Self {
            room,
            messages,
            missed,
        }
    }
}
