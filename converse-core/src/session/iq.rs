//! Requests that wait for their answer (RFC 6120 §8.2.3).

use std::collections::HashMap;

use jid::Jid;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::bus::{Bus, Dispatcher};
use crate::error::{Error, ErrorKind};
use crate::router::{Identity, Stanza, StanzaError};

/// The answer to a request: the whole `result` stanza, or why there is none.
pub type IqResult = Result<Stanza, Error>;

/// What an answer is given to when it must keep its place among the stanzas around it.
pub(crate) type ReplyHandler = Box<dyn FnOnce(&mut Dispatcher, IqResult) + Send>;

/// Where an answer goes.
pub(crate) enum ReplyTo {
    /// To a task that awaits it.
    Waiter(oneshot::Sender<IqResult>),
    /// To a task that awaits it and wants to see errors as the stanzas that they are.
    Whole(oneshot::Sender<IqResult>),
    /// Into an inbox, in the order in which it came among the stanzas; an error after the deadline.
    InOrder(ReplyHandler, Instant),
}

impl std::fmt::Debug for ReplyTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Waiter(_) => "Waiter",
            Self::Whole(_) => "Whole",
            Self::InOrder(..) => "InOrder",
        })
    }
}

impl ReplyTo {
    /// Gives the answer on the bus's turn.
    pub(crate) fn deliver_in(self, dispatcher: &mut Dispatcher, answer: IqResult) {
        match self {
            // The waiter may have given up.
            Self::Waiter(waiter) => drop(waiter.send(outcome(answer))),
            Self::Whole(waiter) => drop(waiter.send(answer)),
            Self::InOrder(handle, _) => handle(dispatcher, outcome(answer)),
        }
    }

    /// Gives the answer from outside the bus.
    pub(crate) fn deliver(self, bus: &Bus, answer: IqResult) {
        match self {
            Self::Waiter(waiter) => drop(waiter.send(outcome(answer))),
            Self::Whole(waiter) => drop(waiter.send(answer)),
            in_order @ Self::InOrder(..) => {
                drop(bus.dispatch(move |dispatcher| in_order.deliver_in(dispatcher, answer)));
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Waiter(_) | Self::Whole(_) => None,
            Self::InOrder(_, deadline) => Some(*deadline),
        }
    }

    /// Whether nobody waits for the answer any more.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Waiter(waiter) | Self::Whole(waiter) => waiter.is_closed(),
            Self::InOrder(..) => false,
        }
    }
}

#[derive(Debug)]
struct Pending {
    to: Option<Jid>,
    reply: ReplyTo,
}

/// The requests of a session that are not answered yet.
#[derive(Debug, Default)]
pub(crate) struct PendingRequests {
    by_id: HashMap<String, Pending>,
}

impl PendingRequests {
    /// Waiters that gave up are swept out when so many requests are pending.
    const SWEEP_AT: usize = 64;

    /// Takes in a request; gives `reply` back if another request with that id is still unanswered, for an answer could
    /// not be told from the other's.
    pub(crate) fn add(&mut self, id: &str, to: Option<Jid>, reply: ReplyTo) -> Result<(), ReplyTo> {
        if self.by_id.len() >= Self::SWEEP_AT {
            self.by_id.retain(|_, pending| !pending.reply.is_closed());
        }
        match self.by_id.get(id) {
            Some(pending) if !pending.reply.is_closed() => Err(reply),
            _ => {
                self.by_id.insert(id.to_owned(), Pending { to, reply });
                Ok(())
            }
        }
    }

    /// When the first request that nobody else watches must be given up.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.by_id
            .values()
            .filter_map(|pending| pending.reply.deadline())
            .min()
    }

    /// The requests whose deadline has passed.
    pub(crate) fn take_late(&mut self, now: Instant) -> Vec<ReplyTo> {
        let is_late = |pending: &mut Pending| pending.reply.deadline().is_some_and(|at| at <= now);
        self.by_id
            .extract_if(|_, pending| is_late(pending))
            .map(|(_, pending)| pending.reply)
            .collect()
    }

    /// How many requests still wait.
    pub(crate) fn len(&self) -> usize {
        self.by_id
            .values()
            .filter(|pending| !pending.reply.is_closed())
            .count()
    }

    /// The one that waits for this answer; an answer from anyone but the addressee leaves the request waiting.
    pub(crate) fn take(&mut self, stanza: &Stanza, identity: &Identity) -> Option<ReplyTo> {
        let id = stanza.id()?;
        let pending = self.by_id.get(id.as_ref())?;
        if !answers(stanza.from(), pending.to.as_ref(), &identity.own) {
            tracing::warn!(
                from = ?stanza.from().map(Jid::as_str),
                "an iq answer came from somebody who was not asked; it is ignored"
            );
            return None;
        }
        self.by_id.remove(id.as_ref()).map(|pending| pending.reply)
    }

    /// As [`take`](Self::take), but only if a task awaits the answer, whose place among the stanzas does not matter.
    pub(crate) fn take_waiter(&mut self, stanza: &Stanza, identity: &Identity) -> Option<ReplyTo> {
        let pending = self.by_id.get(stanza.id()?.as_ref())?;
        if matches!(pending.reply, ReplyTo::Waiter(_) | ReplyTo::Whole(_)) {
            self.take(stanza, identity)
        } else {
            None
        }
    }

    /// The session is gone: whoever waits is told.
    pub(crate) fn fail_all(&mut self) -> Vec<ReplyTo> {
        self.by_id
            .drain()
            .map(|(_, pending)| pending.reply)
            .collect()
    }
}

/// The answer as those get it who do not want to see errors as stanzas.
fn outcome(answer: IqResult) -> IqResult {
    let stanza = answer?;
    if stanza.type_().as_deref() == Some("error") {
        Err(StanzaError::of(stanza.root()).into())
    } else {
        Ok(stanza)
    }
}

pub(crate) fn id_in_use() -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        "iq: a request with this id is still unanswered; leave the id out to get a new one",
    )
}

pub(crate) fn timed_out() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "no answer came within the setting `iq_timeout`",
    )
}

pub(crate) fn disconnected() -> Error {
    Error::new(
        ErrorKind::Disconnected,
        "the session ended before the answer came",
    )
}

/// Whether an answer from `from` answers a request sent to `to`.
///
/// A request without `to` is for the own account, for which the server answers: without `from`, or from the own bare or
/// full JID or its own domain (RFC 6120 §8.1.2.1). Everybody else must answer from exactly the address that was asked.
fn answers(from: Option<&Jid>, to: Option<&Jid>, own: &Jid) -> bool {
    let is_account = |jid: &Jid| jid.node() == own.node() && jid.domain() == own.domain();
    let is_own = |jid: &Jid| is_account(jid) && (jid.resource().is_none() || jid == own);
    let is_server = |jid: &Jid| {
        jid.node().is_none() && jid.resource().is_none() && jid.domain() == own.domain()
    };
    match (to, from) {
        (None, None) => true,
        (None, Some(from)) => is_own(from) || is_server(from),
        (Some(to), None) => is_own(to) || is_server(to),
        (Some(to), Some(from)) => {
            to == from || (is_own(to) && to.resource().is_none() && is_own(from))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answers;
    use jid::Jid;

    #[test]
    fn only_who_was_asked_answers() {
        let jid = |text: &str| Jid::new(text).ok();
        let own = Jid::new("mara@kestrel.example/desk");
        let Ok(own) = own else {
            return assert!(own.is_ok());
        };
        let room = jid("atrium@rooms.kestrel.example");
        let cases = [
            (None, None, true),
            (jid("mara@kestrel.example"), None, true),
            (jid("mara@kestrel.example/desk"), None, true),
            (jid("kestrel.example"), None, true),
            (jid("mara@kestrel.example/other"), None, false),
            (jid("vex@mallard.example/x"), None, false),
            (jid("kestrel.example/x"), None, false),
            (None, jid("kestrel.example"), true),
            (None, jid("mara@kestrel.example"), true),
            (None, room.clone(), false),
            (jid("annex@rooms.kestrel.example"), room.clone(), false),
            (jid("atrium@rooms.kestrel.example/pia"), room.clone(), false),
            (room.clone(), room, true),
        ];
        for (from, to, expected) in cases {
            assert_eq!(
                answers(from.as_ref(), to.as_ref(), &own),
                expected,
                "{from:?} for {to:?}"
            );
        }
    }
}
