//! Invitations that a room passes on, and what becomes of them (XEP-0045 §7.8.2).

use std::collections::VecDeque;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::rank::{Affiliation, Role};
use super::room::Room;
use super::turn::Turn;

/// How many invitations a room remembers, so that somebody can decline them.
const REMEMBERED: usize = 100;

/// Who was invited by whom, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Invitations {
    open: VecDeque<(FullJid, BareJid)>,
}

impl Invitations {
    fn remember(&mut self, inviter: &FullJid, invitee: &BareJid) {
        self.open
            .retain(|(by, whom)| (by, whom) != (inviter, invitee));
        if self.open.len() >= REMEMBERED {
            self.open.pop_front();
        }
        self.open.push_back((inviter.clone(), invitee.clone()));
    }

    /// The inviter whom somebody may answer, once.
    fn answer(&mut self, inviter: &BareJid, invitee: &BareJid) -> Option<FullJid> {
        let mut open = self.open.iter();
        let position = open.rposition(|(by, whom)| by.to_bare() == *inviter && whom == invitee)?;
        self.open.remove(position).map(|(by, _)| by)
    }
}

impl Room {
    /// Handles a message that is to be passed on by the room: invitations, answers to them, and requests for voice.
    pub(super) fn mediate(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        message: &Element,
    ) -> Result<(), Refusal> {
        let Some(user) = message.get_child("x", ns::MUC_USER) else {
            return self.negotiate_voice(turn, jid, message);
        };
        let mut invites = user.children().filter(|child| child.name() == "invite");
        if let Some(decline) = user.get_child("decline", ns::MUC_USER) {
            return self.decline(turn, jid, message, decline);
        }
        let first = invites.next().ok_or(DefinedCondition::BadRequest)?;
        for invite in std::iter::once(first).chain(invites) {
            self.invite(turn, jid, message, invite)?;
        }
        Ok(())
    }

    fn invite(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        message: &Element,
        invite: &Element,
    ) -> Result<(), Refusal> {
        let to = invite.attr("to").and_then(|to| Jid::new(to).ok());
        let to = to.ok_or(DefinedCondition::JidMalformed)?;
        let rank = self.rank(jid);
        if rank.role == Role::None {
            return Err(DefinedCondition::NotAcceptable.into());
        }
        let invitee = to.to_bare();
        let is_closed = self.config.is("membersonly");
        let is_trusted = rank.affiliation >= Affiliation::Admin;
        if is_closed && !is_trusted && !self.config.is("allowinvites") {
            return Err(DefinedCondition::Forbidden.into());
        }
        if is_closed && self.standings.of(&invitee) == Affiliation::None {
            self.check_room_for(&invitee, turn)?;
            self.standings.set(&invitee, Affiliation::Member, None);
        }
        self.invitations.remember(jid, &invitee);
        let passed = with_children_of(
            Element::bare("invite", ns::MUC_USER).with(name::FROM, jid.as_str()),
            invite,
        );
        let mut user = Element::bare("x", ns::MUC_USER).holding(passed);
        if let Some(password) = self.config.password() {
            user.append_child(Element::bare("password", ns::MUC_USER).saying(password));
        }
        turn.send(to, self.letter(message).holding(user));
        Ok(())
    }

    /// Somebody who was invited will not come.
    fn decline(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        message: &Element,
        decline: &Element,
    ) -> Result<(), Refusal> {
        let to = decline.attr("to").and_then(|to| Jid::new(to).ok());
        let to = to.ok_or(DefinedCondition::JidMalformed)?;
        let invitee = jid.to_bare();
        let inviter = self.invitations.answer(&to.to_bare(), &invitee);
        let inviter = inviter.ok_or(DefinedCondition::ItemNotFound)?;
        let passed = with_children_of(
            Element::bare("decline", ns::MUC_USER).with(name::FROM, invitee.as_str()),
            decline,
        );
        let user = Element::bare("x", ns::MUC_USER).holding(passed);
        turn.send(inviter, self.letter(message).holding(user));
        Ok(())
    }

    /// A message of the room's own that stands for one that came in.
    pub(super) fn letter(&self, message: &Element) -> Element {
        let letter =
            Element::bare("message", ns::JABBER_CLIENT).with(name::FROM, self.jid.as_str());
        match message.id() {
            Some(id) => letter.with(name::ID, id),
            None => letter,
        }
    }
}

/// What an invitation says: the reason, and what it continues.
fn with_children_of(passed: Element, original: &Element) -> Element {
    let children = original.children();
    let children = children.filter(|child| matches!(child.name(), "reason" | "continue"));
    children.cloned().fold(passed, Element::holding)
}
