//! Requests for voice (XEP-0045 §7.13, §8.6).

use jid::FullJid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal};
use super::rank::Role;
use super::reading::{answer, form};
use super::room::Room;
use super::turn::Turn;
use super::{REQUEST, entering};

impl Room {
    /// Handles the form by which a visitor asks for voice, or the one by which a moderator grants it.
    pub(super) fn negotiate_voice(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        message: &Element,
    ) -> Result<(), Refusal> {
        let form = form(message).filter(|form| form.form_type() == Some(REQUEST));
        let form = form.ok_or(DefinedCondition::BadRequest)?;
        if self.find(jid).is_none() {
            return Err(DefinedCondition::NotAcceptable.into());
        }
        match answer(&form, "muc#request_allow") {
            Some(allowed) => self.grant_voice(turn, jid, &form, allowed),
            None => self.request_voice(turn, jid, message, &form),
        }
    }

    fn request_voice(
        &self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        message: &Element,
        form: &DataForm,
    ) -> Result<(), Refusal> {
        if answer(form, "muc#role") != Some(Role::Participant.as_str()) {
            return Err(DefinedCondition::BadRequest.into());
        }
        let Some(nick) = self.nick_of(jid) else {
            return Ok(());
        };
        let field = |var, type_, value: &str| Field::new(var, type_).with_value(value);
        let participant = Role::Participant.as_str();
        let fields = vec![
            field("muc#role", FieldType::ListSingle, participant),
            field("muc#jid", FieldType::JidSingle, jid.as_str()),
            field("muc#roomnick", FieldType::TextSingle, nick.as_str()),
            field("muc#request_allow", FieldType::Boolean, "false"),
        ];
        let mut asked = DataForm::new(DataFormType::Form, REQUEST, fields);
        asked.title = Some("Somebody asks for voice".to_owned());
        let letter = self.letter(message).holding(asked.into());
        for occupant in self.occupants.values() {
            if occupant.role == Role::Moderator {
                for client in &occupant.clients {
                    turn.send(client.jid.clone(), letter.clone());
                }
            }
        }
        Ok(())
    }

    fn grant_voice(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        form: &DataForm,
        allowed: &str,
    ) -> Result<(), Refusal> {
        if self.rank(jid).role != Role::Moderator {
            return Err(DefinedCondition::Forbidden.into());
        }
        if !matches!(allowed, "1" | "true") {
            return Ok(());
        }
        let nick = answer(form, "muc#roomnick").and_then(entering::nick);
        let nick = nick.ok_or(DefinedCondition::BadRequest)?;
        let occupant = self.occupants.get_mut(&nick);
        let occupant = occupant.ok_or(DefinedCondition::ItemNotFound)?;
        if occupant.role == Role::Visitor {
            occupant.role = Role::Participant;
            if let Some(notice) = self.notice(&nick) {
                self.announce(turn, &notice);
            }
        }
        Ok(())
    }
}
