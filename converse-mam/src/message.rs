//! What the archives announce. Names and payloads by name are those of converse.js 3.2.

use converse_core::bus::Event;
use jid::BareJid;
use serde::Serialize;

/// It was found out, at the start of a session, that the user has an archive; queries work earlier too, and wait for it.
///
/// converse.js announces every service with this event; here it is message archives alone, so `var` is always
/// [`ns::MAM`](crate::ns::MAM).
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "serviceDiscovered")]
#[non_exhaustive]
pub struct ServiceDiscovered {
    /// The service, by its namespace.
    pub var: &'static str,
    /// Who offers it: the own account, or the own server.
    pub from: BareJid,
}
