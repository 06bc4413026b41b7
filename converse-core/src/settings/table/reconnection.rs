//! What keeps a session alive, and what brings it back.

use super::{CORE, Section};
use crate::settings::declaration::Declaration;

pub(super) fn section() -> Section {
    Section::new(
        "Reconnection",
        CORE,
        "What keeps a session alive, and what brings it back.",
        [
            Declaration::bool(
                "auto_reconnect",
                true,
                "Connect again when the connection is lost; not after the server refused the \
                 login.",
            ),
            Declaration::integer(
                "reconnect_min",
                1000,
                1..,
                "Milliseconds until the first attempt at least; each further one waits about twice \
                 as long.",
            ),
            Declaration::integer(
                "reconnect_max",
                120_000,
                1..,
                "Milliseconds that an attempt waits at most, but for a quarter of jitter.",
            ),
            Declaration::bool(
                "keepalive",
                true,
                "Resume the session of an earlier process if the store still has it (XEP-0198), and \
                 leave it to the next one when the instance stops; only with a store that lasts.",
            ),
            Declaration::bool(
                "stream_management",
                true,
                "Acknowledge stanzas and resume a broken stream (XEP-0198).",
            ),
            Declaration::integer(
                "ping_interval",
                180,
                ..,
                "Seconds of silence until the server is pinged (XEP-0199); 0 or less for never.",
            ),
        ],
    )
}
