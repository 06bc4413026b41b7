//! The settings that the status reads; their meaning is declared in the core's table.

use converse_core::settings::Key;
use serde::Deserialize;

/// The status to log in with.
pub(crate) const DEFAULT_STATE: Key<String> = Key::new("default_state");
/// Priority of this resource (RFC 6121 §4.7.2.3).
pub(crate) const PRIORITY: Key<i8> = Key::new("priority");
/// Seconds without activity until the status becomes `away`.
pub(crate) const AUTO_AWAY: Key<i64> = Key::new("auto_away");
/// Seconds without activity until the status becomes `xa`.
pub(crate) const AUTO_XA: Key<i64> = Key::new("auto_xa");
/// Whether others are told for how long nobody has used the client.
pub(crate) const SHARE_IDLE_TIME: Key<bool> = Key::new("share_idle_time");
/// Whose status is taken over.
pub(crate) const SYNCHRONIZE_AVAILABILITY: Key<Followed> = Key::new("synchronize_availability");

/// The clients of the account whose status is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Followed {
    /// All of them, or none.
    All(bool),
    /// The one with this resource.
    Resource(String),
}

impl Followed {
    pub(crate) fn includes(&self, resource: &str) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Resource(only) => only == resource,
        }
    }
}
