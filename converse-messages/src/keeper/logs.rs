//! In which log of the store the messages of a conversation are.

use jid::{BareJid, FullJid};

const CHAT: &str = "chat/";
const HEADLINE: &str = "headline/";
const ROOM: &str = "room/";
const PRIVATE: &str = "private/";

/// The log of the chat with somebody.
#[must_use]
pub fn chat_log(jid: &BareJid) -> String {
    format!("{CHAT}{jid}")
}

/// The log of what somebody announces.
#[must_use]
pub fn headline_log(jid: &BareJid) -> String {
    format!("{HEADLINE}{jid}")
}

/// The log of a room.
#[must_use]
pub fn room_log(jid: &BareJid) -> String {
    format!("{ROOM}{jid}")
}

/// The log of the private chat with an occupant of a room.
#[must_use]
pub fn private_log(jid: &FullJid) -> String {
    format!("{PRIVATE}{jid}")
}

/// With whom the chat of a log is; `None` for the log of something else.
#[must_use]
pub fn chat_of_log(log: &str) -> Option<BareJid> {
    BareJid::new(log.strip_prefix(CHAT)?).ok()
}

/// The room of a log; `None` for the log of something else.
#[must_use]
pub fn room_of_log(log: &str) -> Option<BareJid> {
    BareJid::new(log.strip_prefix(ROOM)?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn logs_have_names_that_nobody_chooses() {
        let jid = "otto@heron.example".parse().unwrap();
        assert_eq!(chat_of_log(&chat_log(&jid)), Some(jid.clone()));
        assert_eq!(room_of_log(&room_log(&jid)), Some(jid.clone()));
        assert_eq!(chat_of_log(&room_log(&jid)), None);
        let occupant = "atrium@rooms.kestrel.example/pia".parse().unwrap();
        assert_eq!(
            private_log(&occupant),
            "private/atrium@rooms.kestrel.example/pia"
        );
    }
}
