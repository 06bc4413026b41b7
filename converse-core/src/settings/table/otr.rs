//! Off-the-record encryption.

use super::Section;
use crate::settings::declaration::Declaration;

pub(super) fn section() -> Section {
    Section::new(
        "Off-the-record encryption",
        "converse-otr",
        "End-to-end encryption of conversations with one person.",
        [
            Declaration::bool("allow_otr", true, "Allow encrypted conversations."),
            Declaration::bool(
                "use_otr_by_default",
                false,
                "Encrypt every conversation that is opened.",
            ),
            Declaration::bool(
                "cache_otr_key",
                false,
                "Keep the private key in the store instead of making a new one each time.",
            ),
        ],
    )
}
