//! Taking back what somebody else has said (XEP-0425).

use jid::FullJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::rank::Role;
use super::reading::reason;
use super::room::Room;
use super::turn::Turn;

/// The requests of moderators, and the mark of what they have done.
pub(super) const MODERATE: &str = "urn:xmpp:message-moderate:1";
const RETRACT: &str = "urn:xmpp:message-retract:1";

impl Room {
    /// Takes a message out of the history and tells everybody; one that the room does not keep any more it cannot take back.
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
        if !self.history.forget(id, self.jid.as_str()) {
            return Err(DefinedCondition::ItemNotFound.into());
        }
        let mut retract = Element::bare("retract", RETRACT)
            .with(name::ID, id)
            .holding(moderated);
        if let Some(reason) = reason(request) {
            retract.append_child(Element::bare("reason", RETRACT).saying(&reason));
        }
        let message = Element::bare("message", ns::JABBER_CLIENT)
            .with(name::FROM, self.jid.as_str())
            .with(name::TYPE, "groupchat")
            .with(name::ID, &turn.id())
            .holding(retract)
            .holding(self.mark(turn));
        self.tell_all(turn, &message);
        Ok(())
    }

    /// The id that the room gives to a message (XEP-0359).
    pub(super) fn mark(&self, turn: &Turn<'_>) -> Element {
        Element::bare("stanza-id", ns::SID)
            .with(name::BY, self.jid.as_str())
            .with(name::ID, &turn.id())
    }
}
