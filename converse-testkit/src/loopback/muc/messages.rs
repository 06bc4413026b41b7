//! What is said in a room: to everybody, or to one (XEP-0045 §7.4, §7.5, §8.1).

use jid::{FullJid, ResourceRef};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::rank::Role;
use super::reading::{clean_message, says_gone};
use super::room::Room;
use super::subject;
use super::turn::Turn;

impl Room {
    /// Handles a message of a client to the room itself.
    pub(super) fn hear(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        message: Element,
    ) -> Result<(), Refusal> {
        match message.kind() {
            Some("groupchat") => self.say(turn, jid, message),
            Some("error") => {
                self.forget_ghost(turn, jid, &message);
                Ok(())
            }
            _ => self.mediate(turn, jid, &message),
        }
    }

    /// Something that everybody is to hear.
    fn say(&mut self, turn: &mut Turn<'_>, jid: &FullJid, message: Element) -> Result<(), Refusal> {
        let Some((nick, occupant)) = self.find(jid) else {
            return Err(DefinedCondition::NotAcceptable.into());
        };
        let changes = subject::is_change(&message);
        let least = match changes {
            true if !self.config.is("changesubject") => Role::Moderator,
            _ => Role::Participant,
        };
        if occupant.role < least {
            return Err(DefinedCondition::Forbidden.into());
        }
        let from = self.address(nick);
        let mut message = clean_message(message, self.jid.as_str())
            .with(name::FROM, from.as_str())
            .holding(self.occupant_id(&occupant.account));
        if message.id().is_none() {
            message.put(name::ID, &turn.id());
        }
        let author = self.author(jid);
        self.record(turn, &mut message, Some(author));
        self.retract(turn, jid, &message);
        if changes {
            self.subject.change(turn.now(), &message);
        } else {
            let most = turn.config.limits.room_history;
            self.history.keep(turn.now(), &message, most);
        }
        self.tell_all(turn, &message);
        Ok(())
    }

    /// Sends a message to every client in the room.
    pub(super) fn tell_all(&self, turn: &mut Turn<'_>, message: &Element) {
        for (jid, _) in self.clients() {
            turn.send(jid, message.clone());
        }
    }

    /// Something that one occupant is to hear.
    pub(super) fn whisper(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        nick: &ResourceRef,
        message: Element,
    ) -> Result<(), Refusal> {
        let Some((own, sender)) = self.find(jid) else {
            return Err(DefinedCondition::NotAcceptable.into());
        };
        let is_answer = message.kind() == Some("error");
        if message.kind() == Some("groupchat") {
            return Err(DefinedCondition::BadRequest.into());
        }
        if !is_answer && !self.config.lets_whisper(sender.role) {
            return Err(DefinedCondition::Forbidden.into());
        }
        let Some(receiver) = self.occupants.get(nick) else {
            return Err(DefinedCondition::ItemNotFound.into());
        };
        let gone = says_gone(&message);
        let whisper = clean_message(message.clone(), self.jid.as_str())
            .with(name::FROM, self.address(own).as_str())
            .holding(self.occupant_id(&sender.account))
            .holding(Element::bare("x", ns::MUC_USER));
        for client in &receiver.clients {
            turn.send(client.jid.clone(), whisper.clone());
        }
        if gone {
            self.forget_ghost(turn, jid, &message);
        }
        Ok(())
    }

    /// Lets go of a client that cannot be reached (XEP-0045 §14.1).
    pub(super) fn forget_ghost(&mut self, turn: &mut Turn<'_>, jid: &FullJid, error: &Element) {
        if says_gone(error) {
            self.leave(turn, jid, None, &[307, 333]);
        }
    }
}
