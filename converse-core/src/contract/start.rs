//! The steps at the start of a session that groupings wait for.
//!
//! The status is known first, then the roster is fetched, then presence is sent (RFC 6121 §2.2: a client asks for the
//! roster before it sends presence, so that it knows whose presence it gets).

use converse_macros::Event;
use serde::Serialize;

/// The user's own status for a new session is known; nothing has been sent yet.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "statusInitialized", promise)]
#[serde(transparent)]
#[non_exhaustive]
pub struct StatusInitialized {
    /// The status, as `user().status().get()` gives it: `online`, `away`, ….
    pub status: String,
}

impl StatusInitialized {
    /// The status is `status`.
    pub fn new(status: impl Into<String>) -> Self {
        Self {
            status: status.into(),
        }
    }
}

/// The contacts are there, or it is certain that they will not come in this session; presence can be sent now.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "rosterContactsFetched", promise)]
#[non_exhaustive]
pub struct RosterContactsFetched {
    /// How many contacts there are.
    pub count: usize,
    /// Whether the contacts are up to date; otherwise they are those of before, or none.
    pub complete: bool,
}

impl RosterContactsFetched {
    /// There are `count` contacts.
    #[must_use]
    pub fn new(count: usize, complete: bool) -> Self {
        Self { count, complete }
    }
}
