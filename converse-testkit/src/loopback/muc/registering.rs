//! Registering with a room: a nick that nobody else gets (XEP-0045 §7.10, §7.12).

use jid::FullJid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal};
use super::rank::Affiliation;
use super::reading::{answer, form};
use super::room::Room;
use super::turn::Turn;
use super::{REGISTER, entering};

const NICK: &str = "muc#register_roomnick";

impl Room {
    /// What somebody is asked who wants to register, or as whom they have.
    pub(super) fn registration(&self, jid: &FullJid) -> Result<Element, Refusal> {
        let account = jid.to_bare();
        let query = Element::bare("query", ns::REGISTER);
        if let Some(nick) = self.standings.nick_of(&account) {
            let nick = Element::bare("username", ns::REGISTER).saying(nick.as_str());
            return Ok(query
                .holding(Element::bare("registered", ns::REGISTER))
                .holding(nick));
        }
        self.check_registration(jid)?;
        let mut nick = Field::new(NICK, FieldType::TextSingle);
        nick.label = Some("Nick".to_owned());
        nick.required = true;
        let form = DataForm::new(DataFormType::Form, REGISTER, vec![nick]);
        Ok(query.holding(form.into()))
    }

    fn check_registration(&self, jid: &FullJid) -> Result<(), Refusal> {
        match self.standings.of(&jid.to_bare()) {
            Affiliation::Outcast => Err(DefinedCondition::Forbidden.into()),
            // Nobody becomes a member of a closed room by their own will.
            Affiliation::None if self.config.is("membersonly") => {
                Err(DefinedCondition::NotAllowed.into())
            }
            _ => Ok(()),
        }
    }

    /// Registers somebody, or undoes that.
    pub(super) fn register(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        query: &Element,
    ) -> Result<(), Refusal> {
        self.check_registration(jid)?;
        let account = jid.to_bare();
        if query.has_child("remove", ns::REGISTER) {
            if self.standings.of(&account) == Affiliation::Member {
                self.give_affiliation(turn, &account, Affiliation::None, None, None);
            }
            return Ok(());
        }
        let form = form(query).filter(|form| form.form_type().is_none_or(|kind| kind == REGISTER));
        let form = form.ok_or(DefinedCondition::BadRequest)?;
        if form.type_ == DataFormType::Cancel {
            return Ok(());
        }
        let nick = answer(&form, NICK).and_then(entering::nick);
        let nick = nick.ok_or(DefinedCondition::NotAcceptable)?;
        let holder = self.standings.holder(&nick);
        let user = self.occupants.get(&nick);
        if holder.is_some_and(|holder| *holder != account)
            || user.is_some_and(|user| user.account != account)
        {
            return Err(DefinedCondition::Conflict.into());
        }
        if self.standings.of(&account) == Affiliation::None {
            self.check_room_for(&account, turn)?;
            self.give_affiliation(turn, &account, Affiliation::Member, None, None);
        }
        self.standings.reserve(&account, nick);
        Ok(())
    }
}
