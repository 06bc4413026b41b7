//! The user's own presence.

use serde_json::Value;

use super::Section;
use crate::settings::declaration::Declaration;
use crate::settings::kind::Kind;

pub(super) fn section() -> Section {
    Section::new(
        "Status",
        "converse-status",
        "The user's own presence.",
        [
            Declaration::choice(
                "default_state",
                &[
                    "online",
                    "chat",
                    "away",
                    "dnd",
                    "busy",
                    "xa",
                    "offline",
                    "unavailable",
                ],
                "online",
                "The status to log in with; `busy` is another word for `dnd`.",
            ),
            Declaration::integer(
                "priority",
                0,
                -128..=127,
                "Priority of this resource (RFC 6121 §4.7.2.3); a negative one gets no messages \
                 to the bare JID.",
            ),
            Declaration::integer(
                "auto_away",
                0,
                ..,
                "Seconds without activity until the status becomes `away`, unless it says more than \
                 that; activity brings the status back that was before. 0 or less for never.",
            ),
            Declaration::integer(
                "auto_xa",
                0,
                ..,
                "Seconds without activity until the status becomes `xa`, as with `auto_away`; 0 or less \
                 for never.",
            ),
            Declaration::new(
                "synchronize_availability",
                Kind::Either(&[Kind::Bool, Kind::Text]),
                true,
                "Take over the status that the user sets with another client of the account, without \
                 sending it again; a resource names the only client to follow.",
            ),
            Declaration::bool(
                "share_idle_time",
                true,
                "Tell those who see the user for how long nobody has been there (XEP-0012, XEP-0319).",
            ),
            Declaration::new(
                "fullname",
                Kind::OPTIONAL_TEXT,
                Value::Null,
                "The user's name; without it the vCard's.",
            ),
            Declaration::bool(
                "include_offline_state",
                false,
                "Offer `offline` as a status.",
            )
            .ui(),
            Declaration::bool(
                "xhr_custom_status",
                false,
                "Post a changed status text to a web server.",
            )
            .ui(),
            Declaration::text(
                "xhr_custom_status_url",
                "",
                "The web server for `xhr_custom_status`.",
            )
            .ui(),
        ],
    )
}
