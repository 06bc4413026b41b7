//! What is announced. Names and payloads by name are those of converse.js 3.2.

use converse_macros::Event;
use jid::Jid;
use serde::Serialize;

/// It was learned that the own server, or the own account on it, offers something.
///
/// At the start of a session it comes once for each feature of theirs, before [`DiscoInitialized`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Event)]
#[event(name = "serviceDiscovered")]
#[non_exhaustive]
pub struct ServiceDiscovered {
    /// The service, by its namespace.
    pub var: String,
    /// Who offers it: the own account, or the own server.
    pub from: Jid,
}

/// What the own server and the own account can is known, or it is certain that they do not say it in this session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Event)]
#[event(name = "discoInitialized", promise)]
#[non_exhaustive]
pub struct DiscoInitialized {
    /// Whether the server has said what it can.
    pub complete: bool,
}

impl DiscoInitialized {
    pub(crate) fn new(complete: bool) -> Self {
        Self { complete }
    }
}
