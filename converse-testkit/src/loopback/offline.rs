//! Messages for accounts that are not online (XEP-0160).

use chrono::{DateTime, SecondsFormat, Utc};
use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::config::Config;
use super::dom::{Dom, Packet, name};
use super::stanza_id;
use super::state::{SessionId, State};

const HINTS: &str = "urn:xmpp:hints";

/// Whether a message is worth keeping: not one that carries nothing but a chat state, and none that says no (XEP-0334).
pub(super) fn is_storable(message: &Element) -> bool {
    let hinted = |hint: &str| message.has_child(hint, HINTS);
    let passing = |child: &Element| {
        child.has_ns(ns::CHATSTATES) || child.has_ns(HINTS) || child.is("thread", ns::JABBER_CLIENT)
    };
    !hinted("no-store") && (hinted("store") || !message.children().all(passing))
}

impl State {
    /// Keeps a message until somebody comes, if there is room for it.
    pub(super) fn store(&mut self, owner: &BareJid, packet: Packet) {
        let Some(account) = self.accounts.get(owner) else {
            return;
        };
        if account.offline.len() >= self.config.limits.offline_messages {
            return self.bounce(&packet.element, DefinedCondition::ServiceUnavailable);
        }
        // Who asks the archive before hears of the same message, of the same time.
        let packet = self.archive_received(owner, packet);
        let id = stanza_id::given(&packet.element, owner);
        let account = self.accounts.get_mut(owner);
        let Some(account) = account else {
            return;
        };
        let archived = id.and_then(|id| account.archive.get(id));
        let then = archived.map_or_else(|| self.config.environment.clock.now(), |one| one.stamp);
        let mut message = Element::clone(&packet.element);
        if !message.has_child("delay", ns::DELAY) {
            message.append_child(delay(&self.config, then));
        }
        account.offline.push_back(message);
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
        delay(&self.config, self.config.environment.clock.now())
    }
}

fn delay(config: &Config, then: DateTime<Utc>) -> Element {
    Element::bare("delay", ns::DELAY)
        .with(name::FROM, config.domain.as_str())
        .with(
            name::STAMP,
            &then.to_rfc3339_opts(SecondsFormat::Micros, true),
        )
}
