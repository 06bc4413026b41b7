//! Message archives.

use serde_json::Value;

use super::Section;
use crate::settings::declaration::Declaration;
use crate::settings::kind::Kind;

pub(super) fn section() -> Section {
    Section::new(
        "Archive",
        "converse-mam",
        "Message archives on the server (XEP-0313).",
        [
            Declaration::integer(
                "archived_messages_page_size",
                50,
                1..,
                "Messages fetched with one query.",
            ),
            Declaration::new(
                "message_archiving",
                Kind::Optional(&Kind::Choice(&["never", "always", "roster"])),
                Value::Null,
                "Whose messages the server should archive; without it what was set there before.",
            ),
            Declaration::integer(
                "message_archiving_timeout",
                8000,
                1..,
                "Milliseconds to wait for archived messages.",
            ),
        ],
    )
}
