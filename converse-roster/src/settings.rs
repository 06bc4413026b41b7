//! The settings that the roster reads; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// Whether requests are taken and can be made.
pub(crate) const ALLOW_CONTACT_REQUESTS: Key<bool> = Key::new("allow_contact_requests");
/// Whether every request is agreed to.
pub(crate) const AUTO_SUBSCRIBE: Key<bool> = Key::new("auto_subscribe");
/// Whether contacts are shown in their groups.
pub(crate) const ROSTER_GROUPS: Key<bool> = Key::new("roster_groups");
/// Whether those who are offline are left out.
pub(crate) const HIDE_OFFLINE_USERS: Key<bool> = Key::new("hide_offline_users");
/// Whether all but those who are online and available are left out.
pub(crate) const SHOW_ONLY_ONLINE_USERS: Key<bool> = Key::new("show_only_online_users");
