//! What a room is about (XEP-0045 §7.2.15, §8.1).

use chrono::{DateTime, Utc};
use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::dom::{Dom, name};
use super::turn::delay;

/// The subject of a room, with who set it and when.
#[derive(Debug, Default)]
pub(super) struct Subject {
    set: Option<(DateTime<Utc>, Element)>,
}

/// Whether a message changes the subject: it says one and nothing else.
pub(super) fn is_change(message: &Element) -> bool {
    let has = |name| message.has_child(name, ns::JABBER_CLIENT);
    has("subject") && !has("body") && !has("thread")
}

impl Subject {
    /// Takes over the subject of a message that is sent to everybody.
    pub(super) fn change(&mut self, now: DateTime<Utc>, message: &Element) {
        self.set = Some((now, message.clone()));
    }

    /// The message that tells a newcomer: the one that set it, or one that says nothing.
    pub(super) fn message(&self, room: &BareJid) -> Element {
        match &self.set {
            Some((then, message)) => message.clone().holding(delay(room.as_str(), *then)),
            None => Element::bare("message", ns::JABBER_CLIENT)
                .with(name::FROM, room.as_str())
                .with(name::TYPE, "groupchat")
                .holding(Element::bare("subject", ns::JABBER_CLIENT)),
        }
    }

    pub(super) fn text(&self) -> String {
        let subject = self.set.as_ref().and_then(|(_, message)| {
            let subject = message.get_child("subject", ns::JABBER_CLIENT)?;
            Some(subject.text())
        });
        subject.unwrap_or_default()
    }
}
