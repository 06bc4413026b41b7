//! Affiliations and the requests about them and about roles (XEP-0045 §8.5, §9, §10).

use jid::{BareJid, FullJid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::ADMIN;
use super::rank::{Affiliation, Role};
use super::reading::reason;
use super::room::Room;
use super::turn::Turn;

impl Room {
    /// Answers what list somebody wants to see.
    pub(super) fn list(&self, jid: &FullJid, query: &Element) -> Result<Element, Refusal> {
        let mut items = query.children().filter(|child| child.is("item", ADMIN));
        let (Some(item), None) = (items.next(), items.next()) else {
            return Err(DefinedCondition::BadRequest.into());
        };
        match (item.attr("affiliation"), item.attr("role")) {
            (Some(affiliation), None) => {
                let affiliation = Affiliation::parse(affiliation);
                self.list_of(jid, affiliation.ok_or(DefinedCondition::BadRequest)?)
            }
            (None, Some(role)) => {
                self.list_present(jid, Role::parse(role).ok_or(DefinedCondition::BadRequest)?)
            }
            _ => Err(DefinedCondition::BadRequest.into()),
        }
    }

    fn list_of(&self, jid: &FullJid, affiliation: Affiliation) -> Result<Element, Refusal> {
        let rank = self.rank(jid);
        // Members may see who else belongs to the room where everybody's address is known (XEP-0045 §9.5).
        let is_for_members = affiliation >= Affiliation::Member
            && rank.affiliation == Affiliation::Member
            && self.config.is_open_about_jids();
        if rank.affiliation < Affiliation::Admin && !is_for_members {
            return Err(DefinedCondition::Forbidden.into());
        }
        let standings = self.standings.list(affiliation);
        Ok(
            standings.fold(Element::bare("query", ADMIN), |list, (jid, standing)| {
                let mut item = Element::bare("item", ADMIN)
                    .with(name::AFFILIATION, affiliation.as_str())
                    .with(name::JID, jid.as_str());
                if let Some(nick) = &standing.nick {
                    item.put(name::NICK, nick.as_str());
                }
                if let Some(reason) = &standing.reason {
                    item.append_child(Element::bare("reason", ADMIN).saying(reason));
                }
                list.holding(item)
            }),
        )
    }

    fn list_present(&self, jid: &FullJid, role: Role) -> Result<Element, Refusal> {
        if self.rank(jid).role != Role::Moderator {
            return Err(DefinedCondition::Forbidden.into());
        }
        let present = self.occupants.iter();
        let present = present.filter(|(_, occupant)| occupant.role == role);
        Ok(
            present.fold(Element::bare("query", ADMIN), |list, (nick, occupant)| {
                let affiliation = self.standings.of(&occupant.account);
                let mut item = Element::bare("item", ADMIN)
                    .with(name::AFFILIATION, affiliation.as_str())
                    .with(name::ROLE, role.as_str())
                    .with(name::NICK, nick.as_str());
                if let Some(client) = occupant.clients.last() {
                    item.put(name::JID, client.jid.as_str());
                }
                list.holding(item)
            }),
        )
    }

    /// Changes roles or affiliations: all of them or, if one cannot be had, none.
    pub(super) fn administer(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        query: &Element,
    ) -> Result<(), Refusal> {
        let items: Vec<&Element> = query
            .children()
            .filter(|child| child.is("item", ADMIN))
            .collect();
        if items.is_empty() {
            return Err(DefinedCondition::BadRequest.into());
        }
        let changes = items.into_iter().map(|item| self.read(item));
        let changes: Vec<Change> = changes.collect::<Result<_, _>>()?;
        for change in &changes {
            match change {
                Change::Role { nick, role, .. } => self.check_role(jid, nick, *role)?,
                Change::Affiliation {
                    jid: whom,
                    affiliation,
                    ..
                } => self.check_affiliation(turn, jid, whom, *affiliation)?,
            }
        }
        let actor = self.nick_of(jid);
        for change in changes {
            match change {
                Change::Role { nick, role, reason } => {
                    self.give_role(turn, &nick, role, actor.clone(), reason);
                }
                Change::Affiliation {
                    jid,
                    affiliation,
                    reason,
                } => self.give_affiliation(turn, &jid, affiliation, actor.clone(), reason),
            }
        }
        Ok(())
    }

    /// Reads what is to be changed: a role by nick, or an affiliation by JID, or by the nick of somebody who is there.
    fn read(&self, item: &Element) -> Result<Change, Refusal> {
        let bad = DefinedCondition::BadRequest;
        let nick = item.attr("nick").and_then(super::entering::nick);
        let reason = reason(item);
        match (item.attr("role"), item.attr("affiliation")) {
            (Some(role), None) => {
                let nick = nick.ok_or(bad.clone())?;
                let role = Role::parse(role).ok_or(bad)?;
                Ok(Change::Role { nick, role, reason })
            }
            (None, Some(affiliation)) => {
                let named = item.attr("jid").map(BareJid::new);
                let named = named.transpose();
                let named = named.map_err(|_| DefinedCondition::JidMalformed)?;
                let present = || Some(self.occupants.get(&nick?)?.account.clone());
                let jid = named.or_else(present).ok_or(bad.clone())?;
                let affiliation = Affiliation::parse(affiliation).ok_or(bad)?;
                Ok(Change::Affiliation {
                    jid,
                    affiliation,
                    reason,
                })
            }
            _ => Err(bad.into()),
        }
    }
}

/// One thing to change.
enum Change {
    Role {
        nick: jid::ResourcePart,
        role: Role,
        reason: Option<String>,
    },
    Affiliation {
        jid: BareJid,
        affiliation: Affiliation,
        reason: Option<String>,
    },
}
