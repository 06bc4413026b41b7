//! Taking over a configuration, and telling what has changed (XEP-0045 §10.2, §10.2.1).

use std::collections::BTreeMap;

use jid::{BareJid, FullJid};
use xmpp_parsers::data_forms::DataForm;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::announcing::status;
use super::form::{Lists, RoomConfig};
use super::rank::Affiliation;
use super::room::Room;
use super::turn::Turn;

impl Room {
    /// Takes over what a form says: all of it, or nothing if some of it cannot be had.
    pub(super) fn configure(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        form: &DataForm,
    ) -> Result<(), Refusal> {
        let changed = self.config.changed(form);
        let (config, lists) = changed.ok_or(DefinedCondition::NotAcceptable)?;
        if lists.owners.as_ref().is_some_and(Vec::is_empty) {
            return Err(DefinedCondition::NotAcceptable.into());
        }
        let named = [&lists.admins, &lists.owners].into_iter().flatten();
        let named: usize = named.map(Vec::len).sum();
        if self.standings.len() + named > turn.config.limits.room_affiliations {
            return Err(DefinedCondition::ResourceConstraint.into());
        }
        let before = std::mem::replace(&mut self.config, config);
        self.set_lists(turn, jid, lists);
        if !self.locked {
            self.tell_changes(turn, &before);
        }
        self.apply(turn, &before);
        Ok(())
    }

    /// Makes those admins and owners whom the form names, and nobody else.
    fn set_lists(&mut self, turn: &mut Turn<'_>, jid: &FullJid, lists: Lists) {
        let actor = self.nick_of(jid);
        let mut changes: BTreeMap<BareJid, Affiliation> = BTreeMap::new();
        // Who is on both lists is an owner, and who is on neither any more still belongs to the room.
        let mut raise = |jid: &BareJid, affiliation: Affiliation| {
            let change = changes.entry(jid.clone()).or_insert(affiliation);
            *change = affiliation.max(*change);
        };
        let both = [
            (Affiliation::Admin, lists.admins),
            (Affiliation::Owner, lists.owners),
        ];
        for (affiliation, wanted) in both {
            let Some(wanted) = wanted else {
                continue;
            };
            for (jid, _) in self.standings.list(affiliation) {
                raise(jid, Affiliation::Member);
            }
            for jid in &wanted {
                raise(jid, affiliation);
            }
        }
        for (jid, affiliation) in changes {
            if self.standings.of(&jid) != affiliation {
                self.give_affiliation(turn, &jid, affiliation, actor.clone(), None);
            }
        }
    }

    /// Tells everybody what is otherwise now, by its code.
    fn tell_changes(&self, turn: &mut Turn<'_>, before: &RoomConfig) {
        if self.config == *before {
            return;
        }
        let mut codes = vec![104];
        let open = self.config.is_open_about_jids();
        if open != before.is_open_about_jids() {
            codes.push(if open { 172 } else { 173 });
        }
        let logged = self.config.is("enablelogging");
        if logged != before.is("enablelogging") {
            codes.push(if logged { 170 } else { 171 });
        }
        let user = codes.into_iter().map(status);
        let user = user.fold(Element::bare("x", ns::MUC_USER), Element::holding);
        let message = Element::bare("message", ns::JABBER_CLIENT)
            .with(name::FROM, self.jid.as_str())
            .with(name::TYPE, "groupchat")
            .with(name::ID, &turn.id())
            .holding(user);
        self.tell_all(turn, &message);
    }

    /// Lets a new configuration hold for those who are there.
    fn apply(&mut self, turn: &mut Turn<'_>, before: &RoomConfig) {
        let nicks: Vec<_> = self.occupants.keys().cloned().collect();
        if self.config.is("membersonly") && !before.is("membersonly") {
            for nick in &nicks {
                let occupant = self.occupants.get(nick);
                let affiliation = occupant.map(|one| self.standings.of(&one.account));
                if affiliation == Some(Affiliation::None) {
                    self.expel(turn, nick, &[322], None, None);
                }
            }
        }
        // Where everybody's address becomes known, everybody is told of it.
        if self.config.is_open_about_jids() && !before.is_open_about_jids() {
            for nick in &nicks {
                if let Some(notice) = self.notice(nick) {
                    self.announce(turn, &notice);
                }
            }
        }
    }
}
