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
        ],
    )
}
