//! The settings that the status reads; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// The status to log in with.
pub(crate) const DEFAULT_STATE: Key<String> = Key::new("default_state");
/// Priority of this resource (RFC 6121 §4.7.2.3).
pub(crate) const PRIORITY: Key<i8> = Key::new("priority");
