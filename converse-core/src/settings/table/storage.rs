//! What is kept, and for how long.

use super::{CORE, Section};
use crate::settings::declaration::Declaration;

const BACKENDS: &[&str] = &["session", "local"];

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
        ],
    )
}
