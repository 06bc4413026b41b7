//! Taking back what somebody else has said (XEP-0425).

use jid::FullJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::archiving::retracted;
use super::rank::Role;
use super::reading::reason;
use super::room::Room;
use super::turn::Turn;

/// The requests of moderators, and the mark of what they have done.
pub(super) const MODERATE: &str = "urn:xmpp:message-moderate:1";
pub(super) const RETRACT: &str = "urn:xmpp:message-retract:1";

impl Room {
    /// Takes a message back and tells everybody; one that the room does not keep any more it cannot take back.
    pub(super) fn moderate(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        request: &Element,
    ) -> Result<(), Refusal> {
        let id = request.attr("id").ok_or(DefinedCondition::BadRequest)?;
        if !request.has_child("retract", RETRACT) {
            return Err(DefinedCondition::FeatureNotImplemented.into());
        }
        let moderator = self
            .find(jid)
            .filter(|(_, one)| one.role == Role::Moderator);
        let (nick, moderator) = moderator.ok_or(DefinedCondition::Forbidden)?;
        let moderated = Element::bare("moderated", MODERATE)
            .with(name::BY, self.address(nick).as_str())
            .holding(self.occupant_id(&moderator.account));
        let retraction = turn.id();
        let mut retract = Element::bare("retract", RETRACT)
            .with(name::ID, id)
            .holding(moderated.clone());
        let mut retracted = retracted(turn, &retraction).holding(moderated);
        if let Some(reason) = reason(request) {
            let reason = Element::bare("reason", RETRACT).saying(&reason);
            retract.append_child(reason.clone());
            retracted.append_child(reason);
        }
        if !self.take_back(id, &retracted) {
            return Err(DefinedCondition::ItemNotFound.into());
        }
        let mut message = Element::bare("message", ns::JABBER_CLIENT)
            .with(name::FROM, self.jid.as_str())
            .with(name::TYPE, "groupchat")
            .with(name::ID, &retraction)
            .holding(retract);
        self.record(turn, &mut message, None);
        self.tell_all(turn, &message);
        Ok(())
    }
}
