//! What came from the server and is not handled yet.

use std::collections::VecDeque;

use crate::bus::Bus;
use crate::ns;
use crate::router::AddressCache;
use crate::router::{Batch, Identity, Outgoing, Router, Stanza, StanzaKind};
use crate::session::failure::Failure;
use crate::session::iq::PendingRequests;
use crate::session::sm::StreamManagement;
use crate::xml::Element;

/// How many stanzas go to the bus at once.
const BATCH: usize = 256;
/// How many stanzas are read ahead while the bus is busy or an inbox is full.
const READ_AHEAD: usize = 512;
/// The same in bytes.
const READ_AHEAD_BYTES: usize = 1024 * 1024;

/// What must be said at once, however busy the plugins are.
pub(crate) enum Answer {
    /// An element of stream management, which is not counted.
    Nonza(String),
    /// A stanza.
    Stanza(Outgoing),
}

/// A stanza that waits for its turn.
enum Held {
    /// To be routed; whether it counts for stream management.
    Stanza(Stanza, bool),
    /// Handled already, and only to be counted in its place.
    Counted,
}

/// The queue between the transport and the bus: bounded, in order of arrival.
pub(crate) struct Intake {
    held: VecDeque<Held>,
    bytes: usize,
    addresses: AddressCache,
    identity: Identity,
}

impl Intake {
    pub(crate) fn new(identity: Identity) -> Self {
        Self {
            held: VecDeque::new(),
            bytes: 0,
            addresses: AddressCache::default(),
            identity,
        }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether another read may be made.
    pub(crate) fn has_room(&self) -> bool {
        self.held.len() < READ_AHEAD && self.bytes < READ_AHEAD_BYTES
    }

    pub(crate) fn forget(&mut self) {
        self.held.clear();
        self.bytes = 0;
    }

    /// A stanza from before the server began to count.
    pub(crate) fn take_uncounted(&mut self, element: Element) {
        if let Ok(stanza) = Stanza::new(element, &mut self.addresses) {
            self.hold(stanza, false);
        }
    }

    /// Looks at one element; what must be answered whatever else waits is answered now.
    pub(crate) fn take(
        &mut self,
        element: Element,
        sm: &mut StreamManagement,
    ) -> Result<Option<Answer>, Failure> {
        let root = element.view();
        match root.ns() {
            ns::CLIENT => Ok(self.take_stanza(element)),
            ns::SM => stream_management(&element, sm),
            ns::STREAM if root.name() == "error" => Err(Failure::from_stream_error(&element)),
            _ => {
                tracing::debug!(
                    name = root.name(),
                    ns = root.ns(),
                    "an unknown element on the stream is ignored"
                );
                Ok(None)
            }
        }
    }

    fn take_stanza(&mut self, element: Element) -> Option<Answer> {
        match Stanza::new(element, &mut self.addresses) {
            Ok(stanza) => {
                if let Some(pong) = self.answer_ping(&stanza) {
                    self.held.push_back(Held::Counted);
                    return Some(Answer::Stanza(pong));
                }
                self.hold(stanza, true);
                None
            }
            Err(error) => {
                tracing::warn!(%error, "a stanza that cannot be handled is dropped");
                if error.is_stanza() {
                    self.held.push_back(Held::Counted);
                }
                None
            }
        }
    }

    fn hold(&mut self, stanza: Stanza, counts: bool) {
        self.bytes += stanza.element().source_len();
        self.held.push_back(Held::Stanza(stanza, counts));
    }

    /// The server's pings are answered however slow the plugins are (XEP-0199 §4.1).
    fn answer_ping(&self, stanza: &Stanza) -> Option<Outgoing> {
        let is_ping = stanza.kind() == StanzaKind::Iq
            && stanza.type_().as_deref() == Some("get")
            && stanza.child("ping", ns::PING).is_some();
        if !is_ping
            || !crate::router::Sender::OwnAccountOrServer.admits(
                stanza.from(),
                &self.identity,
                &|_| false,
            )
        {
            return None;
        }
        Outgoing::result_for(stanza, None)
    }

    /// While an inbox is full nothing is routed; but a handler that keeps it full may be awaiting an answer that is among
    /// what was read ahead. Those answers go to their waiters now.
    pub(crate) fn answer_waiters(&mut self, pending: &mut PendingRequests, bus: &Bus) {
        for held in &mut self.held {
            let Held::Stanza(stanza, true) = held else {
                continue;
            };
            if is_answer(stanza)
                && let Some(reply) = pending.take_waiter(stanza, &self.identity)
            {
                reply.deliver(bus, PendingRequests::outcome(stanza.clone()));
                self.bytes = self.bytes.saturating_sub(stanza.element().source_len());
                *held = Held::Counted;
            }
        }
    }

    /// The next stanzas in their order, each with what it is for.
    pub(crate) fn next_batch(&mut self, pending: &mut PendingRequests) -> Work {
        let count = self.held.len().min(BATCH);
        let mut batch = Batch::new(self.identity.clone());
        let mut counted = 0;
        for held in self.held.drain(..count) {
            let (stanza, counts) = match held {
                Held::Counted => {
                    counted += 1;
                    continue;
                }
                Held::Stanza(stanza, counts) => (stanza, counts),
            };
            counted += u32::from(counts);
            self.bytes = self.bytes.saturating_sub(stanza.element().source_len());
            if !is_answer(&stanza) {
                batch.push_stanza(stanza);
            } else if let Some(reply) = pending.take(&stanza, &self.identity) {
                batch.push_reply(move |dispatcher| {
                    reply.deliver_in(dispatcher, PendingRequests::outcome(stanza));
                });
            }
        }
        if self.held.is_empty() {
            self.bytes = 0;
        }
        Work { batch, counted }
    }
}

/// Whether this is an answer to an iq (RFC 6120 §8.2.3).
fn is_answer(stanza: &Stanza) -> bool {
    stanza.kind() == StanzaKind::Iq && matches!(stanza.type_().as_deref(), Some("result" | "error"))
}

fn stream_management(
    element: &Element,
    sm: &mut StreamManagement,
) -> Result<Option<Answer>, Failure> {
    let root = element.view();
    match root.name() {
        "r" if sm.is_enabled() => Ok(Some(Answer::Nonza(format!(
            "<a xmlns='urn:xmpp:sm:3' h='{}'/>",
            sm.received()
        )))),
        "a" if sm.is_enabled() => {
            let h = root.attr("h").and_then(|h| h.trim().parse().ok());
            let Some(h) = h else {
                return Err(Failure::protocol("the server acknowledged without a count"));
            };
            sm.acknowledge(h)
                .map_err(|error| Failure::Retry(error.into()))?;
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// A batch on its way to the inboxes.
pub(crate) struct Work {
    batch: Batch,
    counted: u32,
}

/// A batch that reached them.
pub(crate) struct Routed {
    /// How many stanzas were handled, for stream management.
    pub(crate) counted: u32,
    /// What nobody else answers.
    pub(crate) replies: Vec<Outgoing>,
}

impl Work {
    pub(crate) async fn route(self, bus: Bus, router: Router) -> Routed {
        let replies = router.route(&bus, self.batch).await;
        Routed {
            counted: self.counted,
            replies,
        }
    }
}
