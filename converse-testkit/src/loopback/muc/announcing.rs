//! Telling everybody in a room about one of them (XEP-0045 §7.2.2, §13.3).

use jid::{BareJid, FullJid, ResourcePart, ResourceRef};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::dom::{Dom, name};
use super::rank::{Rank, Role};
use super::room::{Presence, Room};
use super::turn::Turn;

/// Somebody's presence in a room, as the others are told of it.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub(super) nick: ResourcePart,
    pub(super) account: BareJid,
    /// The client whose presence it is.
    pub(super) client: Presence,
    pub(super) rank: Rank,
    /// Whether somebody leaves, also for another nick.
    pub(super) gone: bool,
    /// The nick that takes the place of this one.
    pub(super) renamed: Option<ResourcePart>,
    /// The nick of who did it, and why.
    pub(super) actor: Option<ResourcePart>,
    pub(super) reason: Option<String>,
    /// What is said of the room's end.
    pub(super) destroyed: Option<Element>,
    /// Codes for everybody.
    pub(super) codes: Vec<u16>,
    /// Codes for the one whom it is about.
    pub(super) own_codes: Vec<u16>,
    /// The id of the presence that a client sent, for that client.
    pub(super) id: Option<String>,
}

impl Notice {
    /// Somebody leaves, for a reason that is told by codes.
    pub(super) fn leave(mut self, codes: &[u16]) -> Self {
        self.gone = true;
        self.rank.role = Role::None;
        self.codes.extend(codes);
        self
    }

    pub(super) fn by(mut self, actor: Option<ResourcePart>, reason: Option<String>) -> Self {
        self.actor = actor;
        self.reason = reason;
        self
    }
}

impl Room {
    /// What there is to say of an occupant now.
    pub(super) fn notice(&self, nick: &ResourceRef) -> Option<Notice> {
        let occupant = self.occupants.get(nick)?;
        Some(Notice {
            nick: nick.to_owned(),
            account: occupant.account.clone(),
            client: occupant.clients.last()?.clone(),
            rank: self.rank_of(occupant),
            gone: false,
            renamed: None,
            actor: None,
            reason: None,
            destroyed: None,
            codes: Vec::new(),
            own_codes: Vec::new(),
            id: None,
        })
    }

    /// Tells everybody who is in the room, the occupant in question last (XEP-0045 §7.2.2).
    pub(super) fn announce(&self, turn: &mut Turn<'_>, notice: &Notice) {
        self.announce_to(turn, notice, |_| true);
    }

    /// Tells some of those who are in the room.
    pub(super) fn announce_to(
        &self,
        turn: &mut Turn<'_>,
        notice: &Notice,
        whom: impl Fn(&FullJid) -> bool,
    ) {
        let occupant = self.occupants.get(&notice.nick);
        let is_own = |jid: &FullJid| occupant.is_some_and(|occupant| occupant.has(jid));
        let clients = self.clients().into_iter();
        let clients = clients.filter(|(jid, _)| whom(jid));
        let (own, others): (Vec<_>, Vec<_>) = clients.partition(|(jid, _)| is_own(jid));
        for (jid, sees) in others {
            turn.send(jid, self.present(notice, sees, None));
        }
        for (jid, _) in own {
            let presence = self.present(notice, true, Some(&jid));
            turn.send(jid, presence);
        }
    }

    /// Tells the clients of somebody who is not in the room any more, and then everybody who is (XEP-0045 §7.14).
    pub(super) fn dismiss(&self, turn: &mut Turn<'_>, notice: &Notice, clients: &[Presence]) {
        for client in clients {
            let presence = self.present(notice, true, Some(&client.jid));
            turn.send(client.jid.clone(), presence);
        }
        for (jid, sees) in self.clients() {
            turn.send(jid, self.present(notice, sees, None));
        }
    }

    /// The presence for one client: one that sees real JIDs or not, or one of the occupant's own.
    pub(super) fn present(&self, notice: &Notice, sees: bool, own: Option<&FullJid>) -> Element {
        let mut presence = notice.client.stanza.clone();
        presence.put(name::FROM, self.address(&notice.nick).as_str());
        if notice.gone {
            presence.put(name::TYPE, "unavailable");
        }
        if let (Some(id), true) = (&notice.id, own == Some(&notice.client.jid)) {
            presence.put(name::ID, id);
        }
        let mut user = Element::bare("x", ns::MUC_USER).holding(notice.item(sees));
        let codes = notice.codes.iter();
        let own_codes = notice.own_codes.iter().chain(&[110]);
        let own_codes = own_codes.filter(|_| own.is_some());
        for code in codes.chain(own_codes) {
            user.append_child(status(*code));
        }
        if let Some(destroyed) = &notice.destroyed {
            user.append_child(destroyed.clone());
        }
        presence.append_child(self.occupant_id(&notice.account));
        presence.append_child(user);
        presence
    }
}

impl Notice {
    fn item(&self, sees: bool) -> Element {
        let mut item = Element::bare("item", ns::MUC_USER)
            .with(name::AFFILIATION, self.rank.affiliation.as_str())
            .with(name::ROLE, self.rank.role.as_str());
        if sees {
            item.put(name::JID, self.client.jid.as_str());
        }
        if let Some(nick) = &self.renamed {
            item.put(name::NICK, nick.as_str());
        }
        if let Some(actor) = &self.actor {
            item.append_child(
                Element::bare("actor", ns::MUC_USER).with(name::NICK, actor.as_str()),
            );
        }
        if let Some(reason) = &self.reason {
            item.append_child(Element::bare("reason", ns::MUC_USER).saying(reason));
        }
        item
    }
}

/// A status code (XEP-0045 §10).
pub(super) fn status(code: u16) -> Element {
    Element::bare("status", ns::MUC_USER).with(name::CODE, &code.to_string())
}
