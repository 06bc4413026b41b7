//! The settings that queries read; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// How many milliseconds a query may take, everything included.
pub(crate) const TIMEOUT: Key<u64> = Key::new("message_archiving_timeout");
