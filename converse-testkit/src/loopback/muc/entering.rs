//! Entering a room, and being there otherwise than before (XEP-0045 §7.2, §7.6, §7.7).

use jid::{FullJid, ResourcePart, ResourceRef};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::announcing::{Notice, status};
use super::history::Wanted;
use super::rank::{Affiliation, Role};
use super::reading::clean_presence;
use super::room::{Occupant, Presence, Room};
use super::turn::Turn;

impl Room {
    /// Handles available presence of a client to an occupant's address.
    pub(super) fn appear(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        nick: &ResourceRef,
        stanza: &Element,
    ) -> Result<(), Refusal> {
        let asks = stanza.get_child("x", ns::MUC);
        match (self.nick_of(jid), asks) {
            (Some(own), None) if *own == *nick => self.update(turn, jid, &own, stanza),
            (Some(own), Some(_)) if *own == *nick => {
                // The client does not know any more who is there.
                self.update(turn, jid, &own, stanza);
                self.admit(turn, jid, &own, stanza, &[]);
            }
            (Some(own), _) => self.rename(turn, &own, nick, stanza)?,
            (None, Some(muc)) => {
                self.check(turn, jid, nick, muc)?;
                self.enter(turn, jid, nick, stanza, &[]);
            }
            (None, None) => self.refuse_update(turn, jid, nick),
        }
        Ok(())
    }

    /// Whether somebody may come in (XEP-0045 §7.2.5–§7.2.11).
    fn check(
        &self,
        turn: &Turn<'_>,
        jid: &FullJid,
        nick: &ResourceRef,
        muc: &Element,
    ) -> Result<(), Refusal> {
        let account = jid.to_bare();
        let affiliation = self.standings.of(&account);
        if self.locked && affiliation < Affiliation::Owner {
            return Err(DefinedCondition::ItemNotFound.into());
        }
        if affiliation == Affiliation::Outcast {
            return Err(DefinedCondition::Forbidden.into());
        }
        if affiliation == Affiliation::None && self.config.is("membersonly") {
            return Err(DefinedCondition::RegistrationRequired.into());
        }
        if let Some(password) = self.config.password() {
            let given = muc.get_child("password", ns::MUC).map(Element::text);
            if given.as_deref() != Some(password) && affiliation < Affiliation::Owner {
                return Err(DefinedCondition::NotAuthorized.into());
            }
        }
        self.check_nick(jid, nick)?;
        // Who keeps the room in order comes in all the same.
        let most = match affiliation >= Affiliation::Admin {
            true => turn.config.limits.occupants,
            false => self.config.occupants(turn.config.limits.occupants),
        };
        let clients: usize = self.occupants.values().map(|one| one.clients.len()).sum();
        match clients < most {
            true => Ok(()),
            false => Err(DefinedCondition::ServiceUnavailable.into()),
        }
    }

    /// Whether somebody may have a nick.
    fn check_nick(&self, jid: &FullJid, nick: &ResourceRef) -> Result<(), Refusal> {
        let account = jid.to_bare();
        let used = self.occupants.get(nick);
        let is_used = used.is_some_and(|occupant| occupant.account != account);
        let is_reserved = self
            .standings
            .holder(nick)
            .is_some_and(|own| *own != account);
        if is_used || is_reserved {
            return Err(DefinedCondition::Conflict.into());
        }
        match nick.as_str().trim().is_empty() {
            true => Err(DefinedCondition::NotAcceptable.into()),
            false => Ok(()),
        }
    }

    /// Lets a client in.
    pub(super) fn enter(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        nick: &ResourceRef,
        stanza: &Element,
        codes: &[u16],
    ) {
        let account = jid.to_bare();
        let client = Presence {
            jid: jid.clone(),
            stanza: clean_presence(stanza.clone()),
        };
        let role = self.role_by(self.standings.of(&account));
        let entry = self.occupants.entry(nick.to_owned());
        let occupant = entry.or_insert_with(|| Occupant {
            account,
            role,
            clients: Vec::new(),
        });
        occupant.clients.push(client);
        self.admit(turn, jid, nick, stanza, codes);
        if let Some(notice) = self.notice(nick) {
            self.announce_to(turn, &notice, |other| other != jid);
        }
    }

    /// Tells a client everything it has to know: who is there, that it is in, what was said, what the room is about.
    fn admit(
        &self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        nick: &ResourceRef,
        stanza: &Element,
        codes: &[u16],
    ) {
        let open = self.config.is_open_about_jids();
        let role = self.rank(jid).role;
        for other in self.occupants.keys().filter(|other| ***other != *nick) {
            if let Some(notice) = self.notice(other) {
                let presence = self.present(&notice, open || role == Role::Moderator, None);
                turn.send(jid.clone(), presence);
            }
        }
        if let Some(mut notice) = self.notice(nick) {
            notice.own_codes = codes.to_vec();
            notice.own_codes.extend(open.then_some(100));
            notice
                .own_codes
                .extend(self.config.is("enablelogging").then_some(170));
            notice.id = stanza.id().map(str::to_owned);
            let presence = self.present(&notice, true, Some(jid));
            turn.send(jid.clone(), presence);
        }
        let wanted = stanza.get_child("x", ns::MUC);
        let wanted = wanted.map(|muc| Wanted::read(muc, turn.now()));
        let most = self.config.history(turn.config.limits.room_history);
        let wanted = wanted.unwrap_or_default();
        for message in self.history.recall(&wanted, most, self.jid.as_str()) {
            turn.send(jid.clone(), message);
        }
        turn.send(jid.clone(), self.subject.message(&self.jid));
    }

    /// Somebody is there otherwise than before (XEP-0045 §7.7).
    fn update(&mut self, turn: &mut Turn<'_>, jid: &FullJid, nick: &ResourceRef, stanza: &Element) {
        let Some(occupant) = self.occupants.get_mut(nick) else {
            return;
        };
        occupant.clients.retain(|client| client.jid != *jid);
        occupant.clients.push(Presence {
            jid: jid.clone(),
            stanza: clean_presence(stanza.clone()),
        });
        if let Some(mut notice) = self.notice(nick) {
            notice.id = stanza.id().map(str::to_owned);
            self.announce(turn, &notice);
        }
    }

    /// Somebody wants to be called otherwise, with all of their clients (XEP-0045 §7.6).
    fn rename(
        &mut self,
        turn: &mut Turn<'_>,
        own: &ResourceRef,
        nick: &ResourceRef,
        stanza: &Element,
    ) -> Result<(), Refusal> {
        let Some(before) = self.notice(own) else {
            return Ok(());
        };
        self.check_nick(&before.client.jid, nick)?;
        if self.occupants.contains_key(nick) {
            return Err(DefinedCondition::Conflict.into());
        }
        let mut farewell = Notice {
            gone: true,
            renamed: Some(nick.to_owned()),
            codes: vec![303],
            ..before
        };
        // It is no leave of the room: what the client says of itself belongs to the new nick.
        farewell.client.stanza = Element::bare("presence", ns::JABBER_CLIENT);
        self.announce(turn, &farewell);
        let Some(mut occupant) = self.occupants.remove(own) else {
            return Ok(());
        };
        if let Some(client) = occupant.clients.last_mut() {
            client.stanza = clean_presence(stanza.clone());
        }
        self.occupants.insert(nick.to_owned(), occupant);
        if let Some(mut notice) = self.notice(nick) {
            notice.id = stanza.id().map(str::to_owned);
            self.announce(turn, &notice);
        }
        Ok(())
    }

    /// Tells a client that thinks it is in the room that it is not (XEP-0045 §7.2.17).
    fn refuse_update(&self, turn: &mut Turn<'_>, jid: &FullJid, nick: &ResourceRef) {
        turn.send(jid.clone(), stranger(&self.address(nick)));
    }
}

/// What a client hears that is not in the room it says it is in.
pub(super) fn stranger(address: &FullJid) -> Element {
    let reason = Element::bare("reason", ns::MUC_USER).saying("You are not in the room.");
    let item = Element::bare("item", ns::MUC_USER)
        .with(name::AFFILIATION, Affiliation::None.as_str())
        .with(name::ROLE, Role::None.as_str())
        .holding(reason);
    let user = Element::bare("x", ns::MUC_USER).holding(item);
    let codes = [110, 307, 333].into_iter().map(status);
    let user = codes.fold(user, Element::holding);
    Element::bare("presence", ns::JABBER_CLIENT)
        .with(name::FROM, address.as_str())
        .with(name::TYPE, "unavailable")
        .holding(user)
}

/// A nick that is one.
pub(super) fn nick(text: &str) -> Option<ResourcePart> {
    let nick = ResourcePart::new(text).ok()?;
    Some(nick.into_owned()).filter(|nick| !nick.as_str().trim().is_empty())
}
