//! What the grouping announces, and what its actor is told.

use std::sync::Arc;

use converse_core::Error;
use converse_core::bus::{Event, Request};
use converse_core::disco::Info;
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

/// What the server can is known, or why not.
pub(crate) struct ServerKnown {
    pub(crate) session: u64,
    pub(crate) server: Result<Arc<Info>, Error>,
}

impl Request for ServerKnown {
    type Response = ();
}
