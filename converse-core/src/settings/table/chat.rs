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
            Declaration::bool(
                "send_chat_markers",
                true,
                "Tell contacts which of their messages were displayed (XEP-0333).",
            ),
            Declaration::bool(
                "send_chat_state_notifications",
                true,
                "Tell contacts when the user writes or has stopped (XEP-0085).",
            ),
            Declaration::bool(
                "send_receipts",
                true,
                "Tell contacts who ask that their messages have arrived (XEP-0184).",
            ),
            Declaration::bool(
                "synchronize_displayed",
                true,
                "Keep what was displayed the same on all clients of the account (XEP-0490).",
            ),
        ],
    )
}
