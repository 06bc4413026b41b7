//! What came from the server and is not handled yet.

use std::collections::VecDeque;

use crate::bus::Bus;
use crate::ns;
use crate::router::{Batch, Identity, Origin, Outgoing, Router, Sender, Stanza, StanzaKind};
use crate::session::failure::Failure;
use crate::session::iq::PendingRequests;
use crate::session::keeping::Keeping;
use crate::session::sm::StreamManagement;
use crate::stanza::AddressCache;
use crate::xml::Element;

/// How many stanzas go to the bus at once.
const BATCH: usize = 256;
/// How many stanzas are read ahead while the bus is busy or an inbox is full.
const READ_AHEAD: usize = 512;
/// The same in bytes.
const READ_AHEAD_BYTES: usize = 1024 * 1024;

/// A stanza that waits for its turn.
enum Held {
    /// To be routed; whether it counts for stream management.
    Stanza(Stanza, bool),
    /// Handled already, and only to be counted in its place.
    Counted,
    /// The server's question how many were handled (XEP-0198 §4): it gets an answer that covers what came before.
    Request,
}

/// The queue between the transport and the bus: bounded, in order of arrival.
pub(crate) struct Intake {
    held: VecDeque<Held>,
    bytes: usize,
    /// A request is held of which the server has heard nothing yet.
    asked: bool,
    addresses: AddressCache,
    identity: Identity,
}

impl Intake {
    pub(crate) fn new(identity: Identity) -> Self {
        Self {
            held: VecDeque::new(),
            bytes: 0,
            asked: false,
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

    /// Forgets what the server keeps until our count covers it; what it does not count stays.
    pub(crate) fn forget_counted(&mut self) {
        self.held
            .retain(|held| matches!(held, Held::Stanza(_, false)));
        self.asked = false;
    }

    /// A stanza from before the server began to count.
    pub(crate) fn take_uncounted(&mut self, element: Element) -> Option<Outgoing> {
        let stanza = Stanza::new(element, &mut self.addresses).ok()?;
        let pong = self.answer_ping(&stanza);
        if pong.is_none() {
            self.hold(stanza, false);
        }
        pong
    }

    /// Whether a request is held of which the server has heard nothing yet; from now on it has.
    pub(crate) fn take_asked(&mut self) -> bool {
        std::mem::take(&mut self.asked)
    }

    /// Looks at one element; what must be answered whatever else waits is answered now.
    pub(crate) fn take(
        &mut self,
        element: Element,
        sm: &mut StreamManagement,
        keeping: &mut Keeping,
    ) -> Result<Option<Outgoing>, Failure> {
        let root = element.view();
        match root.ns() {
            ns::CLIENT => Ok(self.take_stanza(element, keeping)),
            ns::SM => self.take_stream_management(&element, sm),
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

    fn take_stanza(&mut self, element: Element, keeping: &mut Keeping) -> Option<Outgoing> {
        match Stanza::new(element, &mut self.addresses) {
            Ok(stanza) => {
                keeping.hear(&stanza);
                if let Some(pong) = self.answer_ping(&stanza) {
                    self.held.push_back(Held::Counted);
                    return Some(pong);
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

    fn take_stream_management(
        &mut self,
        element: &Element,
        sm: &mut StreamManagement,
    ) -> Result<Option<Outgoing>, Failure> {
        let root = element.view();
        match root.name() {
            "r" if sm.is_enabled() => {
                self.asked = true;
                if !matches!(self.held.back(), Some(Held::Request)) {
                    self.held.push_back(Held::Request);
                }
            }
            "a" if sm.is_enabled() => {
                let h = root.attr("h").and_then(|h| h.trim().parse().ok());
                let Some(h) = h else {
                    return Err(Failure::protocol("the server acknowledged without a count"));
                };
                sm.acknowledge(h)
                    .map_err(|error| Failure::Retry(error.into()))?;
            }
            _ => {}
        }
        Ok(None)
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
            || !Sender::OwnAccountOrServer.admits(
                &Origin::new(stanza.from()),
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
                reply.deliver(bus, Ok(stanza.clone()));
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
        let mut asked = false;
        for held in self.held.drain(..count) {
            let (stanza, counts) = match held {
                Held::Counted => {
                    counted += 1;
                    continue;
                }
                Held::Request => {
                    asked = true;
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
                    reply.deliver_in(dispatcher, Ok(stanza));
                });
            }
        }
        if self.held.is_empty() {
            self.bytes = 0;
        }
        if asked {
            self.asked &= self.held.iter().any(|held| matches!(held, Held::Request));
        }
        Work {
            batch,
            counted,
            asked,
        }
    }
}

/// Whether this is an answer to an iq (RFC 6120 §8.2.3).
fn is_answer(stanza: &Stanza) -> bool {
    stanza.kind() == StanzaKind::Iq && matches!(stanza.type_().as_deref(), Some("result" | "error"))
}

/// A batch on its way to the inboxes.
pub(crate) struct Work {
    batch: Batch,
    counted: u32,
    asked: bool,
}

/// A batch that reached them.
pub(crate) struct Routed {
    /// How many stanzas were handled, for stream management.
    pub(crate) counted: u32,
    /// The server wants to know that number.
    pub(crate) asked: bool,
    /// What nobody else answers.
    pub(crate) replies: Vec<Outgoing>,
}

impl Work {
    pub(crate) async fn route(self, bus: Bus, router: Router) -> Routed {
        let replies = router.route(&bus, self.batch).await;
        Routed {
            counted: self.counted,
            asked: self.asked,
            replies,
        }
    }
}
