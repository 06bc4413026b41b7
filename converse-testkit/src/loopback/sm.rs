//! Stream management (XEP-0198).

mod requests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use xmpp_parsers::minidom::Element;
use xmpp_parsers::sm::R;

pub(super) use requests::{Resumption, failed};

use super::dom::Packet;

/// The counters and the memory of one session.
pub(super) struct Management {
    /// What the client resumes with, if it asked for that.
    pub(super) id: Option<String>,
    /// How long a lost session waits.
    pub(super) time: Duration,
    /// Stanzas handled, modulo 2^32.
    pub(super) handled: u32,
    /// Stanzas the client has acknowledged, modulo 2^32.
    acked: u32,
    unacked: VecDeque<Unacked>,
    /// A request is on its way.
    requested: bool,
    /// How often the connection was lost.
    losses: u32,
}

struct Unacked {
    packet: Packet,
    /// Nobody else got it.
    sole: bool,
}

/// An acknowledgement of more than was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooHigh {
    pub(super) h: u32,
    pub(super) sent: u32,
}

impl Management {
    pub(super) fn new(id: Option<String>, time: Duration) -> Self {
        Self {
            id,
            time,
            handled: 0,
            acked: 0,
            unacked: VecDeque::new(),
            requested: false,
            losses: 0,
        }
    }

    /// Whether a lost connection can be resumed.
    pub(super) fn can_resume(&self) -> bool {
        self.id.is_some()
    }

    /// Counts one stanza of the client's.
    pub(super) fn count(&mut self) {
        self.handled = self.handled.wrapping_add(1);
    }

    /// Keeps a stanza until it is acknowledged; `false` if there are too many.
    pub(super) fn sent(&mut self, packet: Packet, sole: bool, limit: usize) -> bool {
        self.unacked.push_back(Unacked { packet, sole });
        self.unacked.len() <= limit
    }

    /// The request for an acknowledgement, if it is time for one.
    pub(super) fn request(&mut self) -> Option<Packet> {
        if self.requested || self.unacked.is_empty() {
            return None;
        }
        self.requested = true;
        Some(Packet::new(Element::from(R)))
    }

    /// The client has handled everything up to `h`.
    pub(super) fn ack(&mut self, h: u32) -> Result<(), TooHigh> {
        let count = h.wrapping_sub(self.acked) as usize;
        if count > self.unacked.len() {
            let sent = self.acked.wrapping_add(self.unacked.len() as u32);
            return Err(TooHigh { h, sent });
        }
        self.unacked.drain(..count);
        self.acked = h;
        self.requested = false;
        Ok(())
    }

    /// The connection is gone; gives the number of this loss.
    pub(super) fn lost(&mut self) -> u32 {
        self.losses = self.losses.wrapping_add(1);
        self.requested = false;
        self.losses
    }

    pub(super) fn is_loss(&self, number: u32) -> bool {
        self.losses == number
    }

    /// What has to be sent again.
    pub(super) fn replay(&mut self) -> Vec<Packet> {
        // A timer of an earlier loss must not end the resumed session.
        self.losses = self.losses.wrapping_add(1);
        self.unacked
            .iter()
            .map(|unacked| unacked.packet.clone())
            .collect()
    }

    /// What the client never acknowledged, and whether it was the only one to get it.
    pub(super) fn into_unacked(self) -> impl Iterator<Item = (Arc<Element>, bool)> {
        self.unacked
            .into_iter()
            .map(|unacked| (unacked.packet.element, unacked.sole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stanza() -> Packet {
        Packet::new(Element::bare("message", "jabber:client"))
    }

    #[test]
    fn counters_wrap() {
        let mut management = Management::new(None, Duration::ZERO);
        management.acked = u32::MAX - 1;
        for _ in 0..4 {
            assert!(management.sent(stanza(), true, 4));
        }
        assert_eq!(management.ack(1), Ok(()));
        assert_eq!(management.unacked.len(), 1);
        assert_eq!(management.ack(3), Err(TooHigh { h: 3, sent: 2 }));
        management.handled = u32::MAX;
        management.count();
        assert_eq!(management.handled, 0);
    }

    #[test]
    fn one_request_is_on_its_way_at_a_time() {
        let mut management = Management::new(None, Duration::ZERO);
        assert!(management.request().is_none());
        management.sent(stanza(), true, 2);
        assert!(management.request().is_some());
        management.sent(stanza(), true, 2);
        assert!(management.request().is_none());
        assert_eq!(management.ack(1), Ok(()));
        assert!(management.request().is_some());
    }
}
