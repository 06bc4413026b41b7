//! Bookmarks.

use super::Section;
use crate::settings::declaration::Declaration;

pub(super) fn section() -> Section {
    Section::new(
        "Bookmarks",
        "converse-bookmarks",
        "The rooms that the user has put down (XEP-0402, XEP-0048).",
        [
            Declaration::bool(
                "allow_bookmarks",
                true,
                "Keep bookmarks of rooms on the server, and enter and leave rooms as they say.",
            ),
            Declaration::bool(
                "hide_open_bookmarks",
                false,
                "Leave out bookmarks of rooms in which the user is, in what is to be shown.",
            ),
        ],
    )
}
