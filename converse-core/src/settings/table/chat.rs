//! Conversations with one person.

use super::Section;
use crate::settings::declaration::Declaration;

pub(super) fn section() -> Section {
    Section::new(
        "Chats",
        "converse-chat",
        "Conversations with one person.",
        [
            Declaration::bool(
                "allow_non_roster_messaging",
                false,
                "Take messages from people who are no contacts.",
            ),
            Declaration::bool(
                "filter_by_resource",
                false,
                "Ignore messages to another resource of the account.",
            ),
            Declaration::bool(
                "forward_messages",
                false,
                "Send a copy of each sent message to the account's other clients (XEP-0297).",
            ),
            Declaration::bool(
                "message_carbons",
                true,
                "Get copies of what the account's other clients send and receive (XEP-0280).",
            ),
        ],
    )
}
