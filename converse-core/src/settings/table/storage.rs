//! What is kept, and for how long.

use super::{CORE, Section};
use crate::settings::declaration::Declaration;

const BACKENDS: &[&str] = &["session", "local"];
const OUTBOXES: &[&str] = &["store", "memory"];

pub(super) fn section() -> Section {
    Section::new(
        "Storage",
        CORE,
        "`session` keeps data in memory as long as the process runs, `local` in a file for good.",
        [
            Declaration::choice(
                "storage",
                BACKENDS,
                "session",
                "Where to keep everything but messages.",
            ),
            Declaration::choice(
                "message_storage",
                BACKENDS,
                "session",
                "Where to keep messages.",
            ),
            Declaration::optional_text(
                "store_path",
                "The file of `local`, whose folder must exist; without it `store.db` in the folder \
                 of the program's name where the user's data is (`$XDG_DATA_HOME` or \
                 `~/.local/share`; macOS: `~/Library/Application Support`; Windows: \
                 `%LOCALAPPDATA%`).",
            ),
            Declaration::choice(
                "outbox",
                OUTBOXES,
                "store",
                "Where to keep what is sent until the server has it: where messages are kept, or in \
                 memory only.",
            ),
            Declaration::integer(
                "outbox_timeout",
                86_400,
                0..,
                "Seconds that what is sent may wait for the server before it has failed; 0 for as \
                 long as it takes.",
            ),
            Declaration::bool(
                "clear_store_on_logout",
                false,
                "Remove all that is kept for the account when the user logs out, messages and secrets \
                 included.",
            ),
            Declaration::integer(
                "message_retention_days",
                0,
                0..=36_500,
                "Days after which messages are removed from the store, though not what has yet to be \
                 sent; 0 for never.",
            ),
            Declaration::integer(
                "message_retention_count",
                0,
                0..,
                "Messages of a conversation that stay in the store at most, the newest; 0 for all.",
            ),
        ],
    )
}
