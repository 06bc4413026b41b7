//! What people say about themselves.

use super::Section;
use crate::settings::declaration::Declaration;

pub(super) fn section() -> Section {
    Section::new(
        "Profiles",
        "converse-vcard",
        "What people say about themselves: vCards and avatars.",
        [Declaration::bool(
            "use_vcards",
            true,
            "Fetch the own vCard at the login, and contacts' avatars when they have changed (XEP-0054, \
             XEP-0084, XEP-0153); otherwise they are fetched only when they are asked for.",
        )],
    )
}
