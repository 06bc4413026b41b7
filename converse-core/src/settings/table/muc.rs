//! Rooms.

use serde_json::Value;

use super::Section;
use crate::settings::declaration::Declaration;
use crate::settings::kind::Kind;

pub(super) fn section() -> Section {
    Section::new(
        "Rooms",
        "converse-muc",
        "Multi-user chat (XEP-0045).",
        [
            Declaration::bool("allow_muc", true, "Allow rooms at all."),
            Declaration::bool(
                "allow_muc_invitations",
                true,
                "Allow the user to invite people to rooms, and to be invited.",
            ),
            Declaration::bool(
                "auto_join_on_invite",
                false,
                "Join a room without asking when a contact invites.",
            ),
            Declaration::list(
                "auto_join_rooms",
                "Rooms to join after login: room JIDs, or maps with `jid` and what a room is opened with, as `nick` and `password`.",
            ),
            Declaration::bool(
                "auto_list_rooms",
                false,
                "Fetch the list of rooms of the server's room service after login.",
            ),
            Declaration::optional_text(
                "nickname",
                "The nick for rooms that are joined without one.",
            ),
            Declaration::bool(
                "muc_nickname_from_jid",
                false,
                "Use the local part of the JID as nick, with a number if it is taken.",
            ),
            Declaration::optional_text(
                "muc_domain",
                "The room service; without it the one that the server names.",
            ),
            Declaration::new(
                "muc_history_max_stanzas",
                Kind::Optional(&Kind::NATURAL),
                Value::Null,
                "How many old messages a room should send on joining; without it the room decides.",
            ),
            Declaration::bool(
                "muc_instant_rooms",
                true,
                "Create rooms with the server's default configuration.",
            ),
            Declaration::new(
                "muc_disable_moderator_commands",
                Kind::Either(&[Kind::Bool, Kind::Texts]),
                false,
                "Refuse `/kick`, `/ban` and the like: all commands of moderators, or those that are named.",
            ),
            Declaration::bool(
                "muc_show_join_leave",
                true,
                "Announce who joins and leaves.",
            )
            .ui(),
            Declaration::bool(
                "hide_muc_server",
                false,
                "Do not let the user choose a room service.",
            )
            .ui(),
        ],
    )
}
