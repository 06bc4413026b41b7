//! What the grouping announces.

use converse_core::bus::Event;
use jid::Jid;
use serde::Serialize;

pub use converse_core::contract::{ContactBlocked, ContactUnblocked};

/// The block list of this session came from the server.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "blocklistInitialized", promise)]
#[serde(transparent)]
#[non_exhaustive]
pub struct BlockListFetched {
    /// Who is on it, sorted.
    pub jids: Vec<Jid>,
}

impl BlockListFetched {
    pub(crate) fn new(jids: Vec<Jid>) -> Self {
        Self { jids }
    }
}

/// The server did not deliver a message or a presence because its recipient is blocked (XEP-0191 §3.3).
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "sendRefused")]
#[non_exhaustive]
pub struct SendRefused {
    /// Who is blocked.
    pub jid: Jid,
    /// The id of what was not delivered.
    pub id: Option<String>,
}

impl SendRefused {
    pub(crate) fn new(jid: Jid, id: Option<String>) -> Self {
        Self { jid, id }
    }
}
