//! Requests: relayed to resources, answered for the server and for accounts (RFC 6120 §8.2.3, RFC 6121 §8.5).

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::disco;
use super::dom::{Dom, Packet, Refusal, name, result};
use super::information::LAST;
use super::state::{SessionId, State};

impl State {
    /// Handles an iq of a client.
    pub(super) fn iq(&mut self, id: SessionId, mut iq: Element, to: Option<Jid>) {
        let Some(own) = self.bare(id) else {
            return;
        };
        if self.registration(id, &own, &iq, to.as_ref()) {
            return;
        }
        let answer = matches!(iq.kind(), Some("result" | "error"));
        let request = matches!(iq.kind(), Some("get" | "set")) && iq.children().count() == 1;
        if iq.id().is_none() || !(answer || request) {
            return self.bounce(&iq, DefinedCondition::BadRequest);
        }
        let to = to.unwrap_or_else(|| Jid::from(own.clone()));
        if self.rooms.answers_for(&to) {
            return self.rooms_iq(id, &iq, &to);
        }
        if !self.is_local(&to) {
            return self.bounce(&iq, DefinedCondition::RemoteServerNotFound);
        }
        if let (Some(_), Some(resource)) = (to.node(), to.resource()) {
            let unwanted = to.to_bare() != own && self.has_blocked(&to.to_bare(), &Jid::from(own));
            return match self.find(&to.to_bare(), resource) {
                Some(receiver) if !unwanted => self.push(receiver, Packet::new(iq)),
                _ => self.bounce(&iq, DefinedCondition::ServiceUnavailable),
            };
        }
        if answer {
            return self.answered(id, &iq);
        }
        if iq.attr("to").is_none() {
            // What answers is the account.
            iq.put(name::TO, own.as_str());
        }
        let handled = if to.resource().is_some() {
            Err(DefinedCondition::ServiceUnavailable.into())
        } else if to.node().is_none() {
            self.ask_server(&iq)
        } else if to == own {
            self.ask_own(id, &iq)
        } else {
            self.ask_account(&own, &to.to_bare(), &iq)
        };
        match handled {
            Ok(Some(answer)) => self.push(id, Packet::new(answer)),
            Ok(None) => {}
            Err(refusal) => self.bounce(&iq, refusal),
        }
    }

    /// A request to the server itself.
    fn ask_server(&self, iq: &Element) -> Answer {
        let payload = payload(iq)?;
        let answer = result(iq);
        Ok(Some(
            match (iq.kind(), payload.name(), payload.ns().as_str()) {
                (Some("get"), "ping", ns::PING) => answer,
                (Some("get"), "query", ns::DISCO_INFO) => answer.holding(disco::server(payload)?),
                (Some("get"), "query", ns::DISCO_ITEMS) => {
                    answer.holding(self.server_items(payload)?)
                }
                (Some("get"), "query", ns::VERSION) => answer.holding(disco::version()),
                (Some("get"), "time", ns::TIME) => answer.holding(self.time()),
                (Some("get"), "query", LAST) => answer.holding(self.uptime()),
                // Old clients ask the server for a session (RFC 3921 §3).
                (Some("set"), "session", SESSION) => answer,
                _ => return Err(DefinedCondition::ServiceUnavailable.into()),
            },
        ))
    }

    /// A request of a client to its own account.
    fn ask_own(&mut self, id: SessionId, iq: &Element) -> Answer {
        let payload = payload(iq)?;
        let answer = result(iq);
        let own = self.bare(id).ok_or(DefinedCondition::ServiceUnavailable)?;
        Ok(Some(
            match (iq.kind(), payload.name(), payload.ns().as_str()) {
                (Some("get"), "query", ns::ROSTER) => {
                    self.roster_get(id, iq);
                    return Ok(None);
                }
                (Some("set"), "query", ns::ROSTER) => {
                    self.roster_set(id, payload)?;
                    answer
                }
                (Some("set"), "enable", ns::CARBONS) => {
                    self.set_carbons(id, true);
                    answer
                }
                (Some("set"), "disable", ns::CARBONS) => {
                    self.set_carbons(id, false);
                    answer
                }
                (Some("set"), "session", SESSION) => answer,
                (Some("get"), "ping", ns::PING) => answer,
                (Some("get"), "query", ns::DISCO_INFO) => {
                    answer.holding(self.account_info(&own, &own, payload)?)
                }
                (Some("get"), "query", ns::DISCO_ITEMS) => {
                    answer.holding(self.account_items(&own, &own, payload)?)
                }
                (Some("get"), "query", LAST) => answer.holding(self.last_activity(&own)?),
                (Some("get"), "vCard", ns::VCARD) => return self.vcard(&own, iq),
                (Some("set"), "vCard", ns::VCARD) => {
                    self.set_vcard(&own, payload)?;
                    answer
                }
                (Some("get"), "query", ns::PRIVATE) => answer.holding(self.stored(&own, payload)?),
                (Some("set"), "query", ns::PRIVATE) => {
                    self.keep(&own, payload)?;
                    answer
                }
                (Some("get"), "blocklist", ns::BLOCKING) => self.block_list(id, iq),
                (Some("set"), "block", ns::BLOCKING) => {
                    self.block(&own, payload)?;
                    answer
                }
                (Some("set"), "unblock", ns::BLOCKING) => {
                    self.unblock(&own, payload)?;
                    answer
                }
                (_, "pubsub", ns::PUBSUB | ns::PUBSUB_OWNER) => {
                    return self.pubsub(&own, &own, iq, payload);
                }
                (_, _, ns::MAM) => return self.ask_archive(id, &own, iq, payload),
                (Some("set"), "bind", ns::BIND) => return Err(DefinedCondition::NotAllowed.into()),
                _ => return Err(DefinedCondition::ServiceUnavailable.into()),
            },
        ))
    }

    /// A request to somebody else's account, which the server answers on their behalf.
    fn ask_account(&mut self, own: &BareJid, to: &BareJid, iq: &Element) -> Answer {
        let payload = payload(iq)?;
        if !self.has_account(to) || self.has_blocked(to, &Jid::from(own.clone())) {
            return Err(DefinedCondition::ServiceUnavailable.into());
        }
        let trusted = self.sees(own, to);
        let answer = result(iq);
        Ok(Some(
            match (iq.kind(), payload.name(), payload.ns().as_str()) {
                (_, "query", ns::ROSTER | ns::PRIVATE) | (_, _, ns::MAM) => {
                    return Err(DefinedCondition::Forbidden.into());
                }
                // Whoever may see the presence may see this (XEP-0030 §8).
                (Some("get"), "query", ns::DISCO_INFO) if trusted => {
                    answer.holding(self.account_info(own, to, payload)?)
                }
                (Some("get"), "query", ns::DISCO_ITEMS) if trusted => {
                    answer.holding(self.account_items(own, to, payload)?)
                }
                (Some("get"), "query", LAST) if trusted => answer.holding(self.last_activity(to)?),
                (Some("get"), "query", LAST) => return Err(DefinedCondition::Forbidden.into()),
                (Some("get"), "vCard", ns::VCARD) => return self.vcard(to, iq),
                (Some("set"), "vCard", ns::VCARD) => return Err(DefinedCondition::Forbidden.into()),
                (_, "pubsub", ns::PUBSUB | ns::PUBSUB_OWNER) => {
                    return self.pubsub(own, to, iq, payload);
                }
                _ => return Err(DefinedCondition::ServiceUnavailable.into()),
            },
        ))
    }
}

/// The namespace of the session request that RFC 6121 made superfluous.
pub(super) const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";

/// An answer now, one that is on its way already, or an error.
pub(super) type Answer = Result<Option<Element>, Refusal>;

fn payload(iq: &Element) -> Result<&Element, Refusal> {
    let payload = iq.children().next();
    payload.ok_or_else(|| DefinedCondition::BadRequest.into())
}
