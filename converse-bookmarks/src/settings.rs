//! The settings that the grouping reads; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// Whether there are bookmarks at all.
pub(crate) const ALLOW_BOOKMARKS: Key<bool> = Key::new("allow_bookmarks");
/// Whether bookmarks of open rooms are left out of what is shown.
pub(crate) const HIDE_OPEN_BOOKMARKS: Key<bool> = Key::new("hide_open_bookmarks");
