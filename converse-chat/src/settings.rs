//! The settings that chats read; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// Whether people who are no contacts may write, and be written to.
pub(crate) const ALLOW_NON_ROSTER_MESSAGING: Key<bool> = Key::new("allow_non_roster_messaging");
