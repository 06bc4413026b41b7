//! Requests of one occupant to another, who need not know each other's addresses for that (XEP-0045 §13.4).

use std::collections::VecDeque;

use jid::{FullJid, ResourcePart, ResourceRef};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name};
use super::room::Room;
use super::turn::Turn;

/// How many requests of a room wait for their answers.
const WAITING: usize = 100;

/// Requests that wait for an answer, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Relayed {
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// The id under which it was passed on.
    id: String,
    asked: FullJid,
    /// The nick that was asked.
    nick: ResourcePart,
    asker: FullJid,
    /// The id the asker has given it.
    original: String,
}

impl Room {
    /// Passes a request on to an occupant.
    pub(super) fn relay(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        nick: &ResourceRef,
        iq: &Element,
    ) -> Result<(), Refusal> {
        let own = self.nick_of(jid).ok_or(DefinedCondition::NotAcceptable)?;
        let occupant = self.occupants.get(nick);
        let client = occupant.and_then(|occupant| occupant.clients.last());
        let client = client.ok_or(DefinedCondition::ItemNotFound)?;
        let waiting = Waiting {
            id: turn.id(),
            asked: client.jid.clone(),
            nick: nick.to_owned(),
            asker: jid.clone(),
            original: iq.id().unwrap_or_default().to_owned(),
        };
        let from = self.address(&own);
        let passed = iq
            .clone()
            .with(name::ID, &waiting.id)
            .with(name::FROM, from.as_str());
        turn.send(waiting.asked.clone(), passed);
        if self.relayed.waiting.len() >= WAITING {
            self.relayed.waiting.pop_front();
        }
        self.relayed.waiting.push_back(waiting);
        Ok(())
    }

    /// Passes an answer back to who has asked, if it is one to a request that waits.
    pub(super) fn relay_answer(&mut self, turn: &mut Turn<'_>, jid: &FullJid, iq: &Element) {
        let waiting = &mut self.relayed.waiting;
        let is_due = |waiting: &Waiting| Some(&*waiting.id) == iq.id() && waiting.asked == *jid;
        let Some(done) = waiting.iter().position(is_due) else {
            return;
        };
        if let Some(done) = waiting.remove(done) {
            let answer = iq
                .clone()
                .with(name::ID, &done.original)
                .with(name::FROM, self.address(&done.nick).as_str());
            turn.send(done.asker, answer);
        }
    }
}
