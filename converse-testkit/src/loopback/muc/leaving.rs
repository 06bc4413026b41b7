//! Leaving a room, or being made to (XEP-0045 §7.14, §8.2, §9.1, §14.1).

use jid::{FullJid, ResourcePart, ResourceRef};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::announcing::Notice;
use super::reading::clean_presence;
use super::room::{Presence, Room};
use super::turn::Turn;

impl Room {
    /// A client leaves, with what it says last; whoever is not there is not missed (XEP-0045 §13.3).
    pub(super) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        last: Option<&Element>,
        codes: &[u16],
    ) {
        let Some(nick) = self.nick_of(jid) else {
            return;
        };
        let stanza = match last {
            Some(last) => clean_presence(last.clone()),
            None => Element::bare("presence", ns::JABBER_CLIENT),
        };
        let jid = jid.clone();
        let gone = Presence { jid, stanza };
        let Some(mut notice) = self.notice(&nick) else {
            return;
        };
        notice.client = gone.clone();
        let notice = notice.leave(codes);
        let Some(occupant) = self.occupants.get_mut(&nick) else {
            return;
        };
        occupant.clients.retain(|client| client.jid != gone.jid);
        if occupant.clients.is_empty() {
            self.occupants.remove(&nick);
            return self.dismiss(turn, &notice, &[gone]);
        }
        // The others go on seeing the occupant, as another client has it.
        let presence = self.present(&notice, true, Some(&gone.jid));
        turn.send(gone.jid, presence);
        if let Some(notice) = self.notice(&nick) {
            self.announce(turn, &notice);
        }
    }

    /// Takes an occupant out of the room; gives what there is to say of it, and to whom first.
    pub(super) fn remove(
        &mut self,
        nick: &ResourceRef,
        codes: &[u16],
    ) -> Option<(Notice, Vec<Presence>)> {
        let mut notice = self.notice(nick)?.leave(codes);
        notice.client.stanza = Element::bare("presence", ns::JABBER_CLIENT);
        let occupant = self.occupants.remove(nick)?;
        Some((notice, occupant.clients))
    }

    /// Makes an occupant leave.
    pub(super) fn expel(
        &mut self,
        turn: &mut Turn<'_>,
        nick: &ResourceRef,
        codes: &[u16],
        actor: Option<ResourcePart>,
        reason: Option<String>,
    ) {
        if let Some((notice, clients)) = self.remove(nick, codes) {
            self.dismiss(turn, &notice.by(actor, reason), &clients);
        }
    }
}
