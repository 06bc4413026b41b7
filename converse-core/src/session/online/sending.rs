//! Sending while the session is up: what may go, what went, and what is acknowledged.

use tokio::time::Instant;

use super::Line;
use crate::error::ErrorKind;
use crate::router::Outcome;
use crate::session::command::Post;
use crate::session::core::Core;
use crate::session::failure::Failure;
use crate::session::iq::{disconnected, id_in_use};

/// How much may wait in the transport before no more is taken from the outbox, in bytes.
const WRITE_AHEAD: usize = 128 * 1024;
/// How many stanzas may be unacknowledged before no more are sent.
const MAX_UNACKED: usize = 100;
/// How much may be unacknowledged at all, in bytes: answers go out beyond the limit, and some must to let handlers go on. The
/// acknowledgement stands behind all that the server has written meanwhile, megabytes when it fills its socket.
const MOST_UNACKED: usize = 16 * 1024 * 1024;

impl Core {
    /// A server that takes everything and acknowledges nothing has lost count: it tells when the session is resumed.
    pub(super) fn check_unacknowledged(&self) -> Result<(), Failure> {
        if self.sm.unacked_bytes() <= MOST_UNACKED {
            return Ok(());
        }
        Err(not_acknowledged())
    }

    pub(super) fn may_send(&self, line: &Line) -> bool {
        line.closing.is_none()
            && line.transport.queued() < WRITE_AHEAD
            // The acknowledgement may stand behind what there is no room for until a handler has sent what it has to send.
            && ((self.sm.unacked().len() < MAX_UNACKED && line.barrier.len() < MAX_UNACKED)
                || !line.intake.has_room())
    }

    pub(super) fn post(&mut self, line: &mut Line, post: Post) {
        let stanza = match post {
            Post::Stanza(mut stanza) => {
                // It was meant for a session that is no more: whoever sent it sees to what follows.
                if stanza.only_in().is_some_and(|only| only != self.number) {
                    return stanza.settle(Outcome::NotSent(disconnected()));
                }
                stanza
            }
            // Whoever asked has given up before the request could leave.
            Post::Request(_, reply) if reply.is_closed() => return,
            Post::Request(mut stanza, reply) => {
                let id = stanza.id().unwrap_or_default();
                if let Err(reply) = self.pending.add(id, stanza.to().cloned(), reply) {
                    stanza.settle(Outcome::NotSent(id_in_use()));
                    reply.deliver(&self.bus, Err(id_in_use()));
                    return;
                }
                stanza
            }
        };
        line.transport.send(stanza.xml());
        if self.sm.is_enabled() {
            self.keeping.tell(&stanza);
            self.sm.sent(stanza, self.env.clock.now());
        } else if stanza.only_in().is_some() && line.barrier.works() {
            line.barrier.wait(stanza);
        } else {
            line.unflushed.push(stanza);
        }
    }

    /// Messages of a session that is lost for good go out again, marked with when they were sent first.
    pub(super) fn send_again(&mut self, line: &mut Line) {
        let from = line.intake.identity().own.to_string();
        for entry in std::mem::take(&mut self.resend) {
            let stanza = entry.stanza.delayed(entry.sent_at, &from);
            self.post(line, Post::Stanza(stanza));
        }
    }

    /// Tells the server whether somebody looks, if it does not know yet. It counts as no stanza (XEP-0352 §4).
    pub(super) fn indicate(&mut self, line: &mut Line) {
        let state = *self.client_state.borrow_and_update();
        if line.closing.is_some() || line.told.is_none_or(|told| told == state) {
            return;
        }
        line.told = Some(state);
        line.transport.send(state.element());
    }

    pub(super) fn request_acknowledgement(&mut self, line: &mut Line) {
        let full = self.sm.unacked().len() >= MAX_UNACKED;
        if self.sm.wants_request(self.outbox.is_empty(), full) {
            line.transport.send("<r xmlns='urn:xmpp:sm:3'/>");
            self.sm.requested(Instant::now());
        }
    }
}

pub(super) fn not_acknowledged() -> Failure {
    Failure::retry(
        ErrorKind::Timeout,
        "the server does not acknowledge any more",
    )
}
