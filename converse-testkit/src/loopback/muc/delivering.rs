//! Between the rooms and the sessions.

use std::collections::BTreeMap;
use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::config::Config;
use super::super::dom::{Dom, Packet, error};
use super::super::stanza_id;
use super::super::state::{SessionId, State};
use super::{Rooms, Turn};

impl State {
    /// Handles a presence of a client to a room.
    pub(in super::super) fn rooms_presence(
        &mut self,
        id: SessionId,
        mut stanza: Element,
        to: &Jid,
    ) {
        let Some(own) = self.full(id) else {
            return;
        };
        if stanza.kind().is_none() {
            self.stamp_photo(id, &mut stanza);
        }
        let handled = self.at_rooms(|rooms, turn| rooms.presence(turn, &own, to, &stanza));
        if let Err(refusal) = handled
            && let Some(mut error) = error(&stanza, refusal)
        {
            // It shows that the error is about entering a room (XEP-0045 §7.2).
            if stanza.has_child("x", ns::MUC) {
                error.append_child(Element::bare("x", ns::MUC));
            }
            self.push(id, Packet::new(error));
        }
    }

    /// Handles a message of a client to a room.
    pub(in super::super) fn rooms_message(&mut self, message: &Element, to: &Jid) {
        let from = message
            .attr("from")
            .and_then(|from| FullJid::new(from).ok());
        let Some(own) = from else {
            return;
        };
        let handled = self.at_rooms(|rooms, turn| rooms.message(turn, &own, to, message.clone()));
        if let Err(refusal) = handled {
            self.bounce(message, refusal);
        }
    }

    /// Handles a request of a client to a room, or its answer to one.
    pub(in super::super) fn rooms_iq(&mut self, id: SessionId, iq: &Element, to: &Jid) {
        let Some(own) = self.full(id) else {
            return;
        };
        if matches!(iq.kind(), Some("result" | "error")) {
            return self.at_rooms(|rooms, turn| rooms.answered(turn, &own, to, iq));
        }
        let answer = match self.whose_vcard(&own, to, iq) {
            Some(account) => self.vcard(&account, iq),
            None => self.at_rooms(|rooms, turn| rooms.ask(turn, &own, to, iq)),
        };
        match answer {
            Ok(Some(answer)) => self.push(id, Packet::new(answer)),
            Ok(None) => {}
            Err(refusal) => self.bounce(iq, refusal),
        }
    }

    /// The account whose vCard is asked for through a room: the server answers on behalf of it (XEP-0054 §3.2).
    fn whose_vcard(&self, own: &FullJid, to: &Jid, iq: &Element) -> Option<BareJid> {
        let asks = iq.kind() == Some("get") && iq.has_child("vCard", ns::VCARD);
        asks.then(|| self.rooms.account_of(own, to)).flatten()
    }

    /// A session leaves all rooms, with what it says last.
    pub(in super::super) fn leave_rooms(&mut self, jid: &FullJid, last: &Element) {
        self.at_rooms(|rooms, turn| rooms.leave(turn, jid, None, Some(last)));
    }

    /// Tells everybody in rooms that the server stops.
    pub(in super::super) fn shut_rooms_down(&mut self) {
        self.at_rooms(|rooms, turn| rooms.shut_down(turn));
    }

    /// Lets the rooms do something, and delivers what they send.
    fn at_rooms<T>(&mut self, act: impl FnOnce(&mut Rooms, &mut Turn<'_>) -> T) -> T {
        let config: Arc<Config> = Arc::clone(&self.config);
        let mut turn = Turn::new(&config);
        let done = act(&mut self.rooms, &mut turn);
        let mut archived = BTreeMap::new();
        for (to, stanza) in turn.out {
            self.deliver_from_room(&to, stanza, &mut archived);
        }
        done
    }

    /// Delivers what a room sends; `archived` says what it has made the accounts archive by that, which is one message for all
    /// of the clients that somebody has in the room.
    fn deliver_from_room(
        &mut self,
        to: &Jid,
        mut stanza: Element,
        archived: &mut BTreeMap<BareJid, String>,
    ) {
        match to.try_as_full() {
            Ok(full) if stanza.is_stanza("message") => {
                let account = full.to_bare();
                stanza_id::strip(&mut stanza, &account);
                if let Some(id) = archived.get(&account) {
                    stanza_id::mark(&mut stanza, &account, id);
                }
                let packet = self.archive_received(&account, Packet::new(stanza));
                if let Some(id) = stanza_id::given(&packet.element, &account) {
                    archived.insert(account, id.to_owned());
                }
                self.deliver_full(full, packet);
            }
            Ok(full) => {
                self.deliver_full(full, Packet::new(stanza));
            }
            // Invitations go to accounts, wherever these may be.
            Err(_) => self.route_from_room(to, Packet::new(stanza)),
        }
    }

    fn full(&self, id: SessionId) -> Option<FullJid> {
        self.sessions.get(&id).map(|session| session.jid.clone())
    }
}
