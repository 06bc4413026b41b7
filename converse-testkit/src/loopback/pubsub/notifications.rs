//! Who hears of what is published (XEP-0163 §4).

use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::dom::{Dom, Packet, name};
use super::super::session::Session;
use super::super::state::{SessionId, State};
use super::node::Item;

impl State {
    /// Tells of an item.
    pub(super) fn tell_of_item(&mut self, owner: &BareJid, node: &str, item: &Item) {
        let Some(config) = self.config_of(owner, node) else {
            return;
        };
        if config.flag("pubsub#deliver_notifications") {
            let payload = config.flag("pubsub#deliver_payloads");
            let items = items(node).holding(item.element(ns::PUBSUB_EVENT, payload));
            self.tell(owner, node, &items);
        }
    }

    /// Tells that an item is gone (XEP-0060 §7.2.2).
    pub(super) fn tell_of_retraction(&mut self, owner: &BareJid, node: &str, id: &str) {
        let retract = Element::bare("retract", ns::PUBSUB_EVENT).with(name::ID, id);
        self.tell(owner, node, &items(node).holding(retract));
    }

    /// Tells that a node was emptied or is gone (XEP-0060 §8.4.2, §8.5.2).
    pub(super) fn tell_of_node(&mut self, owner: &BareJid, node: &str, what: &str) {
        let event = Element::bare(what, ns::PUBSUB_EVENT).with(name::NODE, node);
        self.tell(owner, node, &event);
    }

    /// Shows a session that wants to know the last item of some nodes of everybody whose presence it sees.
    pub(in super::super) fn show_last_items(&mut self, watcher: SessionId, nodes: &[String]) {
        let Some(own) = self.bare(watcher).filter(|_| !nodes.is_empty()) else {
            return;
        };
        let mut owners = vec![own.clone()];
        if let Some(account) = self.accounts.get(&own) {
            let contacts = account.roster.iter();
            let seen = contacts.filter(|(_, contact)| contact.subscription.to);
            owners.extend(seen.map(|(jid, _)| jid.clone()));
        }
        for owner in owners {
            self.show_last_items_of(&owner, watcher, nodes);
        }
    }

    /// Shows a session the last item of some nodes of one account (XEP-0163 §4.3.4).
    pub(in super::super) fn show_last_items_of(
        &mut self,
        owner: &BareJid,
        watcher: SessionId,
        nodes: &[String],
    ) {
        let Some(own) = self.bare(watcher) else {
            return;
        };
        if own != *owner && !self.sees(&own, owner) {
            return;
        }
        for name in nodes {
            let Some(config) = self.config_of(owner, name) else {
                continue;
            };
            let wanted = config.get("pubsub#send_last_published_item") == "on_sub_and_presence"
                && self.may_read(&own, owner, config.access());
            let last = self.accounts.get(owner).and_then(|account| {
                let node = account.nodes.get(name)?;
                node.items.last().cloned()
            });
            if let Some(item) = last.filter(|_| wanted) {
                let payload = config.flag("pubsub#deliver_payloads");
                let event = items(name).holding(item.element(ns::PUBSUB_EVENT, payload));
                let kind = config.get("pubsub#notification_type");
                self.notify(owner, watcher, kind, &event);
            }
        }
    }

    fn config_of(&self, owner: &BareJid, node: &str) -> Option<super::config::Config> {
        let account = self.accounts.get(owner)?;
        Some(account.nodes.get(node)?.config.clone())
    }

    /// Tells everybody who is to hear of a node.
    fn tell(&mut self, owner: &BareJid, node: &str, event: &Element) {
        let Some(config) = self.config_of(owner, node) else {
            return;
        };
        let roster = self.accounts.get(owner).map(|account| &account.roster);
        let contacts = roster.into_iter().flat_map(|roster| roster.iter());
        let contacts = contacts.map(|(jid, _)| jid.clone());
        let mut readers: Vec<BareJid> = std::iter::once(owner.clone()).chain(contacts).collect();
        readers.retain(|reader| {
            (reader == owner || self.sees(reader, owner))
                && self.may_read(reader, owner, config.access())
        });
        for reader in readers {
            for id in self.available(&reader) {
                let session = self.sessions.get(&id);
                if session.is_some_and(|session| session.hears_of(node)) {
                    self.notify(owner, id, config.get("pubsub#notification_type"), event);
                }
            }
        }
    }

    fn notify(&mut self, owner: &BareJid, id: SessionId, kind: &str, event: &Element) {
        let Some(to) = self.sessions.get(&id).map(|session| session.jid.clone()) else {
            return;
        };
        let event = Element::bare("event", ns::PUBSUB_EVENT).holding(event.clone());
        let message = Element::bare("message", ns::JABBER_CLIENT)
            .with(name::FROM, owner.as_str())
            .with(name::TO, to.as_str())
            .with(name::TYPE, kind)
            .with(name::ID, &self.config.environment.random.stanza_id())
            .holding(event);
        self.push_copy(id, Packet::new(message), false);
    }
}

impl Session {
    /// Whether it wants to hear of a node.
    fn hears_of(&self, node: &str) -> bool {
        self.notified.contains(node)
    }
}

fn items(node: &str) -> Element {
    Element::bare("items", ns::PUBSUB_EVENT).with(name::NODE, node)
}
