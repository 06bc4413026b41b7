//! Giving and taking roles and affiliations, and what follows from it (XEP-0045 §5.1.3, §5.2.2, §8, §9).

use jid::{BareJid, FullJid, ResourcePart, ResourceRef};
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::Refusal;
use super::rank::{Affiliation, Role};
use super::room::Room;
use super::turn::Turn;

impl Room {
    pub(super) fn check_role(
        &self,
        jid: &FullJid,
        nick: &ResourceRef,
        role: Role,
    ) -> Result<(), Refusal> {
        let rank = self.rank(jid);
        if rank.role != Role::Moderator {
            return Err(DefinedCondition::Forbidden.into());
        }
        let occupant = self.occupants.get(nick);
        let occupant = occupant.ok_or(DefinedCondition::ItemNotFound)?;
        match rank.may_give_role(self.rank_of(occupant), role) {
            true => Ok(()),
            false => Err(DefinedCondition::NotAllowed.into()),
        }
    }

    pub(super) fn give_role(
        &mut self,
        turn: &mut Turn<'_>,
        nick: &ResourceRef,
        role: Role,
        actor: Option<ResourcePart>,
        reason: Option<String>,
    ) {
        if role == Role::None {
            return self.expel(turn, nick, &[307], actor, reason);
        }
        if let Some(occupant) = self.occupants.get_mut(nick) {
            occupant.role = role;
        }
        if let Some(notice) = self.notice(nick) {
            self.announce(turn, &notice.by(actor, reason));
        }
    }

    pub(super) fn check_affiliation(
        &self,
        turn: &Turn<'_>,
        jid: &FullJid,
        whom: &BareJid,
        affiliation: Affiliation,
    ) -> Result<(), Refusal> {
        let rank = self.rank(jid);
        let before = self.standings.of(whom);
        if rank.affiliation < Affiliation::Admin {
            return Err(DefinedCondition::Forbidden.into());
        }
        let is_self = jid.to_bare() == *whom;
        if is_self && affiliation == Affiliation::Outcast
            || self.standings.is_only_owner(whom) && affiliation != Affiliation::Owner
        {
            return Err(DefinedCondition::Conflict.into());
        }
        // Whoever is somebody may become less by their own will.
        let steps_down = is_self && affiliation < before;
        if !steps_down && !rank.may_give_affiliation(before, affiliation) {
            return Err(DefinedCondition::NotAllowed.into());
        }
        match affiliation {
            Affiliation::None => Ok(()),
            _ => self.check_room_for(whom, turn),
        }
    }

    /// Whether one more may have an affiliation.
    pub(super) fn check_room_for(&self, whom: &BareJid, turn: &Turn<'_>) -> Result<(), Refusal> {
        let is_known = self.standings.of(whom) != Affiliation::None;
        match is_known || self.standings.len() < turn.config.limits.room_affiliations {
            true => Ok(()),
            false => Err(DefinedCondition::ResourceConstraint.into()),
        }
    }

    pub(super) fn give_affiliation(
        &mut self,
        turn: &mut Turn<'_>,
        whom: &BareJid,
        affiliation: Affiliation,
        actor: Option<ResourcePart>,
        reason: Option<String>,
    ) {
        self.standings.set(whom, affiliation, reason.clone());
        let role = self.role_by(affiliation);
        let has_to_go = affiliation == Affiliation::None && self.config.is("membersonly");
        for nick in self.nicks_of(whom) {
            if affiliation == Affiliation::Outcast {
                self.expel(turn, &nick, &[301], actor.clone(), reason.clone());
            } else if has_to_go {
                self.expel(turn, &nick, &[321], actor.clone(), reason.clone());
            } else {
                self.give_role(turn, &nick, role, actor.clone(), reason.clone());
            }
        }
    }

    /// Under what nicks somebody is in the room.
    pub(super) fn nicks_of(&self, account: &BareJid) -> Vec<ResourcePart> {
        let occupants = self.occupants.iter();
        let own = occupants.filter(|(_, occupant)| occupant.account == *account);
        own.map(|(nick, _)| nick.clone()).collect()
    }
}
