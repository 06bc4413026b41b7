//! The settings that rooms read; their meaning is declared in the core's table.

use converse_core::settings::Key;

use crate::commands::Disabled;
use crate::model::AutoJoin;

/// Whether there are rooms at all.
pub(crate) const ALLOW_MUC: Key<bool> = Key::new("allow_muc");
/// Whether the user invites and can be invited.
pub(crate) const ALLOW_MUC_INVITATIONS: Key<bool> = Key::new("allow_muc_invitations");
/// Whether an invitation of a contact is accepted at once.
pub(crate) const AUTO_JOIN_ON_INVITE: Key<bool> = Key::new("auto_join_on_invite");
/// Whether the rooms of the server are listed after login.
pub(crate) const AUTO_LIST_ROOMS: Key<bool> = Key::new("auto_list_rooms");
/// The service with rooms to look at where none is named.
pub(crate) const MUC_DOMAIN: Key<Option<String>> = Key::new("muc_domain");
/// The rooms that are entered after login.
pub(crate) const AUTO_JOIN_ROOMS: Key<Vec<AutoJoin>> = Key::new("auto_join_rooms");
/// The nick for rooms that are joined without one.
pub(crate) const NICKNAME: Key<Option<String>> = Key::new("nickname");
/// Whether the local part of the own JID is the nick, with a number if it is taken.
pub(crate) const MUC_NICKNAME_FROM_JID: Key<bool> = Key::new("muc_nickname_from_jid");
/// How many old messages a room is asked for.
pub(crate) const MUC_HISTORY_MAX_STANZAS: Key<Option<u32>> = Key::new("muc_history_max_stanzas");
/// Whether a new room is unlocked with the service's defaults.
pub(crate) const MUC_INSTANT_ROOMS: Key<bool> = Key::new("muc_instant_rooms");
/// Which commands are turned off: those of moderators, or those that are named.
pub(crate) const MUC_DISABLE_MODERATOR_COMMANDS: Key<Disabled> =
    Key::new("muc_disable_moderator_commands");
/// Whether displayed markers are sent.
pub(crate) const SEND_CHAT_MARKERS: Key<bool> = Key::new("send_chat_markers");
/// Whether chat states are sent.
pub(crate) const SEND_CHAT_STATES: Key<bool> = Key::new("send_chat_state_notifications");
