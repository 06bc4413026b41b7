//! The settings that queries read; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// How many milliseconds a query may take, everything included.
pub(crate) const TIMEOUT: Key<u64> = Key::new("message_archiving_timeout");
/// How many messages a page has if the query does not say.
pub(crate) const PAGE_SIZE: Key<u32> = Key::new("archived_messages_page_size");
/// What the server archives if nothing else is said about somebody.
pub(crate) const ARCHIVING: Key<Option<String>> = Key::new("message_archiving");
