//! The settings that the grouping reads; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// Whether vCards and avatars are fetched without being asked for.
pub(crate) const USE_VCARDS: Key<bool> = Key::new("use_vcards");
