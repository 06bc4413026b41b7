//! What happens to an element that comes in (RFC 6120 §8.1, §10).

use std::sync::Arc;

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;
use xmpp_parsers::stream_error::{DefinedCondition as StreamCondition, StreamError};

use super::blocking;
use super::dom::{Dom, Packet, Refusal, error, is_stanza, name};
use super::outbox::Outbox;
use super::state::{SessionId, State, stream_error};

impl State {
    /// Handles one element of a bound session; gives the queues that have to drain before more is read from it.
    pub(super) fn receive(
        &mut self,
        id: SessionId,
        element: Element,
    ) -> Result<Vec<Arc<Outbox>>, StreamError> {
        let handled = if element.has_ns(ns::SM) {
            self.managed(id, element)
        } else if element.has_ns(ns::CSI) {
            self.look(id, &element)
        } else if is_stanza(&element) {
            self.count(id);
            self.stanza(id, element)
        } else {
            let text = "this server does not know that element";
            Err(stream_error(StreamCondition::UnsupportedStanzaType, text))
        };
        let congested = self.settle();
        handled.map(|()| congested)
    }

    fn stanza(&mut self, id: SessionId, mut stanza: Element) -> Result<(), StreamError> {
        let Some(session) = self.sessions.get(&id) else {
            return Ok(());
        };
        let own = session.jid.clone();
        if let Some(from) = stanza.attr("from") {
            // A client may say who it is, never that it is somebody else (RFC 6120 §8.1.2.1).
            let from = Jid::new(from).ok();
            if !from.is_some_and(|from| from == own || from == own.to_bare()) {
                let text = "that is not your address";
                return Err(stream_error(StreamCondition::InvalidFrom, text));
            }
        }
        stanza.put(name::FROM, own.as_str());
        let to = match stanza.attr("to").map(Jid::new).transpose() {
            Ok(to) => to,
            Err(_) => {
                self.bounce(&stanza, DefinedCondition::JidMalformed);
                return Ok(());
            }
        };
        if let Some(to) = &to
            && to.to_bare() != own.to_bare()
            && self.has_blocked(&own.to_bare(), to)
        {
            self.bounce(&stanza, blocking::to_blocked());
            return Ok(());
        }
        match stanza.name() {
            "message" => self.message(id, stanza, to),
            "presence" => self.presence(id, stanza, to),
            _ => self.iq(id, stanza, to),
        }
        Ok(())
    }

    /// A client says whether somebody is looking at it (XEP-0352 §4). Everything goes on being sent to it.
    fn look(&mut self, id: SessionId, element: &Element) -> Result<(), StreamError> {
        let inactive = match element.name() {
            "active" => false,
            "inactive" => true,
            _ => {
                let text = "a client is active or inactive";
                return Err(stream_error(StreamCondition::UnsupportedStanzaType, text));
            }
        };
        if let Some(session) = self.sessions.get_mut(&id) {
            session.inactive = inactive;
        }
        Ok(())
    }

    /// Sends a stanza back to where it came from, as an error.
    pub(super) fn bounce(&mut self, stanza: &Element, refusal: impl Into<Refusal>) {
        let from = stanza.attr("from").and_then(|from| Jid::new(from).ok());
        let Some(error) = error(stanza, refusal) else {
            return;
        };
        if let Some(Ok(from)) = from.map(|from| from.try_into_full()) {
            if error.is_stanza("message") {
                self.copy_error(&from, &error);
            }
            self.deliver_full(&from, Packet::new(error));
        }
    }

    /// Whether an address is an account of this server.
    pub(super) fn has_account(&self, account: &BareJid) -> bool {
        self.accounts.contains_key(account)
    }
}
