//! The settings that the roster reads; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// Whether requests are taken and can be made.
pub(crate) const ALLOW_CONTACT_REQUESTS: Key<bool> = Key::new("allow_contact_requests");
/// Whether every request is agreed to.
pub(crate) const AUTO_SUBSCRIBE: Key<bool> = Key::new("auto_subscribe");
