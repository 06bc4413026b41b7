//! The settings that chats read; their meaning is declared in the core's table.

use converse_core::settings::Key;

/// Whether people who are no contacts may write, and be written to.
pub(crate) const ALLOW_NON_ROSTER_MESSAGING: Key<bool> = Key::new("allow_non_roster_messaging");
/// Whether messages to another resource of the account are ignored.
pub(crate) const FILTER_BY_RESOURCE: Key<bool> = Key::new("filter_by_resource");
/// Whether what is sent is forwarded to the account's other clients.
pub(crate) const FORWARD_MESSAGES: Key<bool> = Key::new("forward_messages");
/// Whether the server is asked for copies.
pub(crate) const MESSAGE_CARBONS: Key<bool> = Key::new("message_carbons");
/// Whether displayed markers are sent.
pub(crate) const SEND_CHAT_MARKERS: Key<bool> = Key::new("send_chat_markers");
/// Whether chat states are sent.
pub(crate) const SEND_CHAT_STATES: Key<bool> = Key::new("send_chat_state_notifications");
/// Whether receipts are sent.
pub(crate) const SEND_RECEIPTS: Key<bool> = Key::new("send_receipts");
/// Whether the account's clients share what was displayed.
pub(crate) const SYNCHRONIZE_DISPLAYED: Key<bool> = Key::new("synchronize_displayed");
