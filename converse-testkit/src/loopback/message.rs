//! Where messages go (RFC 6121 §8).

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::archive;
use super::carbons::{self, Direction};
use super::dom::{Dom, Packet, name};
use super::offline;
use super::stanza_id;
use super::state::{SessionId, State};

/// The types of messages (RFC 6121 §5.2.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    Chat,
    Headline,
    Groupchat,
    Error,
}

fn kind(message: &Element) -> Kind {
    match message.kind() {
        Some("chat") => Kind::Chat,
        Some("headline") => Kind::Headline,
        Some("groupchat") => Kind::Groupchat,
        Some("error") => Kind::Error,
        // A type nobody knows is the default one.
        _ => Kind::Normal,
    }
}

impl State {
    /// Handles a message of a client.
    pub(super) fn message(&mut self, id: SessionId, mut message: Element, to: Option<Jid>) {
        let Some(own) = self.bare(id) else {
            return;
        };
        let to = to.unwrap_or_else(|| {
            message.put(name::TO, own.as_str());
            Jid::from(own.clone())
        });
        let copied = carbons::is_eligible(&message) || self.answers_copied(&message, &to);
        carbons::strip_private(&mut message);
        stanza_id::strip(&mut message, &own);
        let packet = Packet::new(message);
        let (packet, kept) = self.archive_sent(&own, &to, packet);
        if copied {
            self.remember_copied(&own, &to, &packet.element);
            let served = if to == own {
                self.receivers(&own)
            } else {
                Vec::new()
            };
            self.copy(&own, &kept.element, Direction::Sent, |other| {
                other == id || served.contains(&other)
            });
        }
        self.route_message(&to, packet, copied);
    }

    /// Finds the way of a message by its address.
    fn route_message(&mut self, to: &Jid, packet: Packet, copied: bool) {
        let message = &packet.element;
        if self.rooms.answers_for(to) {
            return self.rooms_message(message, to);
        }
        if !self.is_local(to) {
            return self.bounce(message, DefinedCondition::RemoteServerNotFound);
        }
        let bare = to.to_bare();
        let from = message.attr("from").map(Jid::new);
        let unwanted = matches!(&from, Some(Ok(from)) if self.has_blocked(&bare, from));
        if !self.has_account(&bare) || unwanted {
            return self.bounce(message, DefinedCondition::ServiceUnavailable);
        }
        let copied = copied && !carbons::is_of_room(message);
        let mut packet = packet.clone();
        if !matches!(&from, Some(Ok(from)) if from.to_bare() == bare) {
            packet = packet.changed(|message| stanza_id::strip(message, &bare));
        }
        let message = &packet.element;
        let full = to.resource().map(|resource| self.find(&bare, resource));
        match full {
            Some(Some(id)) => self.deliver_one(&bare, id, packet, copied),
            // The resource is gone (RFC 6121 §8.5.3.2.1).
            Some(None) => match kind(message) {
                Kind::Chat => self.deliver_account(&bare, packet, copied),
                Kind::Normal | Kind::Groupchat => {
                    self.bounce(message, DefinedCondition::ServiceUnavailable);
                }
                Kind::Headline | Kind::Error => {}
            },
            None => match kind(message) {
                Kind::Chat | Kind::Normal => self.deliver_account(&bare, packet, copied),
                Kind::Headline => {
                    for id in self.receivers(&bare) {
                        self.push_copy(id, packet.clone(), false);
                    }
                }
                Kind::Groupchat => self.bounce(message, DefinedCondition::ServiceUnavailable),
                Kind::Error => {}
            },
        }
    }

    /// Finds the way of a message that a room passes on to an account.
    pub(super) fn route_from_room(&mut self, to: &Jid, packet: Packet) {
        let copied = carbons::is_eligible(&packet.element);
        self.route_message(to, packet, copied);
    }

    /// Delivers to one resource, and copies to the others.
    fn deliver_one(&mut self, account: &BareJid, id: SessionId, packet: Packet, copied: bool) {
        let packet = self.archive_received(account, packet);
        let copies = match copied {
            true => {
                let from = packet.element.attr("from").map(Jid::new);
                let own = matches!(from, Some(Ok(from)) if from.to_bare() == *account);
                // What an account sends to itself its other resources have as a sent copy already.
                match own {
                    true => 0,
                    false => self.copy(account, &packet.element, Direction::Received, |other| {
                        other == id
                    }),
                }
            }
            false => 0,
        };
        self.push_copy(id, packet, copies == 0);
    }

    /// Delivers to every resource that wants messages, or keeps the message (RFC 6121 §8.5.2).
    fn deliver_account(&mut self, account: &BareJid, packet: Packet, copied: bool) {
        let receivers = self.receivers(account);
        if receivers.is_empty() {
            if offline::is_storable(&packet.element) {
                self.store(account, packet);
            }
            return;
        }
        let packet = self.archive_received(account, packet);
        if copied {
            let served = receivers.clone();
            let from = packet.element.attr("from").map(Jid::new);
            if !matches!(from, Some(Ok(from)) if from.to_bare() == *account) {
                self.copy(account, &packet.element, Direction::Received, |other| {
                    served.contains(&other)
                });
            }
        }
        let sole = receivers.len() == 1;
        for id in receivers {
            self.push_copy(id, packet.clone(), sole);
        }
    }

    /// The available resources with a priority that is not negative.
    pub(super) fn receivers(&self, account: &BareJid) -> Vec<SessionId> {
        let mut receivers = self.available(account);
        receivers.retain(|id| {
            self.sessions
                .get(id)
                .is_some_and(|session| session.priority >= 0)
        });
        receivers
    }

    /// Finds another way for a stanza its session never acknowledged (XEP-0198 §8).
    pub(super) fn reroute(&mut self, account: &BareJid, stanza: &Element, sole: bool) {
        if stanza.is_stanza("iq") {
            return self.bounce(stanza, DefinedCondition::RecipientUnavailable);
        }
        let wanted = stanza.is_stanza("message")
            && matches!(kind(stanza), Kind::Chat | Kind::Normal)
            && !carbons::is_copy(stanza)
            && !archive::is_result(stanza);
        if !wanted || !self.has_account(account) {
            return;
        }
        // The others have it, unless there are no others.
        if sole || self.resources(account).is_empty() {
            let mut message = stanza.clone();
            if !message.has_child("delay", ns::DELAY) {
                message.append_child(self.delay());
            }
            self.deliver_account(account, Packet::new(message), false);
        }
    }
}
