//! Contacts and their requests.

use super::Section;
use crate::settings::declaration::Declaration;

pub(super) fn section() -> Section {
    Section::new(
        "Contacts",
        "converse-roster",
        "Contacts and their requests.",
        [
            Declaration::bool(
                "allow_contact_requests",
                true,
                "Take contact requests; otherwise they are ignored and none can be made.",
            ),
            Declaration::bool(
                "allow_contact_removal",
                true,
                "Let the user remove contacts.",
            )
            .ui(),
            Declaration::bool(
                "allow_chat_pending_contacts",
                false,
                "Let the user chat with contacts who have not agreed yet.",
            ),
            Declaration::bool(
                "auto_subscribe",
                false,
                "Agree to every contact request and ask for the contact's presence in return.",
            ),
            Declaration::bool(
                "roster_groups",
                true,
                "Sort contacts into the groups of the roster in the list that is shown.",
            ),
            Declaration::bool(
                "hide_offline_users",
                false,
                "Leave contacts who are offline out of the list that is shown.",
            ),
            Declaration::bool(
                "show_only_online_users",
                false,
                "Leave contacts who are not online and available out of the list that is shown.",
            ),
            Declaration::bool(
                "xhr_user_search",
                false,
                "Look for people to add on a web server.",
            )
            .ui(),
            Declaration::text(
                "xhr_user_search_url",
                "",
                "The web server for `xhr_user_search`.",
            )
            .ui(),
        ],
    )
}
