//! Messages for accounts that are not online (XEP-0160).

use chrono::SecondsFormat;
use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, Packet, name};
use super::state::{SessionId, State};

const HINTS: &str = "urn:xmpp:hints";

/// Whether a message is worth keeping: not one that carries nothing but a chat state, and none that says no (XEP-0334).
pub(super) fn is_storable(message: &Element) -> bool {
    let refused = ["no-store", "no-permanent-store"];
    let refuses = refused.iter().any(|hint| message.has_child(hint, HINTS));
    let passing = |child: &Element| {
        child.has_ns(ns::CHATSTATES) || child.has_ns(HINTS) || child.is("thread", ns::JABBER_CLIENT)
    };
    !refuses && !message.children().all(passing)
}

impl State {
    /// Keeps a message until somebody comes, if there is room for it.
    pub(super) fn store(&mut self, account: &BareJid, message: &Element) {
        let delay = self.delay();
        let room = self.config.limits.offline_messages;
        let Some(stored) = self
            .accounts
            .get_mut(account)
            .map(|account| &mut account.offline)
        else {
            return;
        };
        if stored.len() >= room {
            return self.bounce(message, DefinedCondition::ServiceUnavailable);
        }
        let mut message = message.clone();
        if !message.has_child("delay", ns::DELAY) {
            message.append_child(delay);
        }
        stored.push_back(message);
    }

    /// Hands over what was kept.
    pub(super) fn deliver_stored(&mut self, id: SessionId) {
        let account = self.bare(id).and_then(|bare| self.accounts.get_mut(&bare));
        let Some(account) = account else {
            return;
        };
        for message in std::mem::take(&mut account.offline) {
            self.push(id, Packet::new(message));
        }
    }

    /// Says that this server held a message back until now (XEP-0203).
    pub(super) fn delay(&self) -> Element {
        let now = self.config.environment.clock.now();
        Element::bare("delay", ns::DELAY)
            .with(name::FROM, self.config.domain.as_str())
            .with(
                name::STAMP,
                &now.to_rfc3339_opts(SecondsFormat::Millis, true),
            )
    }
}
