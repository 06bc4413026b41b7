//! Requests to the service, to rooms and to those in them (XEP-0045 §6, §13.4, XEP-0410).

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, result};
use super::super::iq::Answer;
use super::moderating::MODERATE;
use super::owner::Fate;
use super::rooms::Rooms;
use super::turn::Turn;
use super::{ADMIN, OWNER};

impl Rooms {
    /// Answers a request of a client, or passes it on.
    pub(super) fn ask(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        to: &Jid,
        iq: &Element,
    ) -> Answer {
        let payload = iq.children().next().ok_or(DefinedCondition::BadRequest)?;
        if to.node().is_none() {
            return self.ask_service(to, iq, payload);
        }
        if to.resource().is_some() {
            return self.ask_occupant(turn, jid, to, iq, payload);
        }
        let answered = self.ask_room(turn, jid, to, iq, payload)?;
        let answer = result(iq);
        Ok(Some(match answered {
            Some(payload) => answer.holding(payload),
            None => answer,
        }))
    }

    fn ask_service(&self, to: &Jid, iq: &Element, payload: &Element) -> Answer {
        let payload = match (iq.kind(), payload.name(), payload.ns().as_str()) {
            _ if to.resource().is_some() => {
                return Err(DefinedCondition::ServiceUnavailable.into());
            }
            (Some("get"), "ping", ns::PING) => return Ok(Some(result(iq))),
            (Some("get"), "query", ns::DISCO_INFO) => Self::service_info(payload)?,
            (Some("get"), "query", ns::DISCO_ITEMS) => self.service_items(payload)?,
            _ => return Err(DefinedCondition::ServiceUnavailable.into()),
        };
        Ok(Some(result(iq).holding(payload)))
    }

    /// What a room answers, if it says more than that it is done.
    fn ask_room(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        to: &Jid,
        iq: &Element,
        payload: &Element,
    ) -> Result<Option<Element>, Refusal> {
        let room = self.find(to)?;
        let request = (iq.kind(), payload.name(), payload.ns());
        let answer = match (request.0, request.1, request.2.as_str()) {
            (Some("get"), "query", ns::DISCO_INFO) => Some(room.info(turn.config, jid, payload)?),
            (Some("get"), "query", ns::DISCO_ITEMS) => Some(room.items(payload)?),
            (Some("get"), "ping", ns::PING) => None,
            (Some("get"), "query", ADMIN) => Some(room.list(jid, payload)?),
            (Some("get"), "query", OWNER) => Some(room.show_config(jid)?),
            (Some("get"), "query", ns::REGISTER) => Some(room.registration(jid)?),
            (Some("set"), "query", ADMIN) => {
                room.administer(turn, jid, payload)?;
                None
            }
            (Some("set"), "query", OWNER) => {
                if room.decide(turn, jid, payload)? == Fate::Ends {
                    self.end(&to.to_bare());
                }
                None
            }
            (kind, _, ns::MAM) => Some(room.ask_archive(turn, jid, kind, payload)?),
            (Some("set"), "moderate", MODERATE) => {
                room.moderate(turn, jid, payload)?;
                None
            }
            (Some("set"), "query", ns::REGISTER) => {
                room.register(turn, jid, payload)?;
                None
            }
            _ => return Err(DefinedCondition::ServiceUnavailable.into()),
        };
        // Nobody may be left in it now.
        self.tidy(&to.to_bare());
        Ok(answer)
    }

    /// A request to somebody in a room; the room answers whether one is there oneself (XEP-0410 §3.2, §4).
    fn ask_occupant(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        to: &Jid,
        iq: &Element,
        payload: &Element,
    ) -> Answer {
        // Whoever asks in a room that is not there is not in it.
        let room = self.find(to).map_err(|_| DefinedCondition::NotAcceptable)?;
        let nick = to.resource().ok_or(DefinedCondition::BadRequest)?;
        let own = room.nick_of(jid).ok_or(DefinedCondition::NotAcceptable)?;
        if *own == *nick && iq.kind() == Some("get") && payload.is("ping", ns::PING) {
            return Ok(Some(result(iq)));
        }
        room.relay(turn, jid, nick, iq)?;
        Ok(None)
    }

    /// Passes an answer back.
    pub(super) fn answered(&mut self, turn: &mut Turn<'_>, jid: &FullJid, to: &Jid, iq: &Element) {
        if let Ok(room) = self.find(to) {
            room.relay_answer(turn, jid, iq);
        }
    }

    /// Whose account somebody in a room has, for one who is in it too.
    pub(super) fn account_of(&self, jid: &FullJid, to: &Jid) -> Option<BareJid> {
        let room = self.get(&to.to_bare())?;
        room.find(jid)?;
        let occupant = room.occupants.get(to.resource()?)?;
        Some(occupant.account.clone())
    }
}
