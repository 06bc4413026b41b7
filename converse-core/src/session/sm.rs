//! Stream management (XEP-0198) without I/O: counters, the queue of unacknowledged stanzas, what a resumption needs.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind};
use crate::router::{Outcome, Outgoing, StanzaKind};

/// After how many stanzas an acknowledgement is asked for.
pub(crate) const REQUEST_EVERY: usize = 50;

/// A stanza that left, and whose arrival nobody has confirmed yet.
#[derive(Debug)]
pub(crate) struct Unacked {
    pub(crate) stanza: Outgoing,
    pub(crate) sent_at: chrono::DateTime<chrono::Utc>,
}

impl Unacked {
    /// How much it takes up, in bytes.
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.stanza.xml().len()
    }
}

/// What the server granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) id: Option<String>,
    pub(crate) location: Option<String>,
    /// How long the session can be resumed after its connection is lost; nothing if the server does not say.
    pub(crate) max: Option<Duration>,
}

/// The counters and the queue of one stream-managed session.
///
/// `h` counts stanzas modulo 2³² (XEP-0198 §4).
#[derive(Debug, Default)]
pub(crate) struct StreamManagement {
    granted: Option<Granted>,
    /// Stanzas of the server's that were handled here.
    received: u32,
    /// The last of ours that the server said it handled.
    acknowledged: u32,
    unacked: VecDeque<Unacked>,
    unacked_bytes: usize,
    /// What an earlier process left, with its numbers. There may be more that it sent and could not write down, before, between
    /// and behind: only the server knows.
    left: Option<Vec<(u32, Unacked)>>,
    since_request: usize,
    /// A message, for whose sender it matters to know, left since the last request.
    message_since_request: bool,
    /// When the request was sent that is still unanswered.
    pub(crate) requested_at: Option<Instant>,
    pub(crate) resumed: bool,
}

impl StreamManagement {
    /// The server answered `<enabled/>`: counting starts at zero in both directions.
    ///
    /// Stanzas already in the queue were sent before `<enable/>` took effect on neither side's count and are kept
    /// by the caller, never here.
    pub(crate) fn enable(&mut self, granted: Granted) {
        *self = Self {
            granted: Some(granted),
            ..Self::default()
        };
    }

    /// As an earlier process left it; what the server says when it resumes the session tells the rest.
    pub(crate) fn restore(
        &mut self,
        granted: Granted,
        received: u32,
        acknowledged: u32,
        left: Vec<(u32, Unacked)>,
    ) {
        *self = Self {
            granted: Some(granted),
            received,
            acknowledged,
            left: Some(left),
            ..Self::default()
        };
    }

    /// What the server granted.
    pub(crate) fn granted(&self) -> Option<&Granted> {
        self.granted.as_ref()
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.granted.is_some()
    }

    /// The id to resume with, if the server allows resumption.
    pub(crate) fn resumption_id(&self) -> Option<&str> {
        self.granted.as_ref()?.id.as_deref()
    }

    /// Where the server prefers the next connection (XEP-0198 §3, `location`).
    pub(crate) fn location(&self) -> Option<&str> {
        self.granted.as_ref()?.location.as_deref()
    }

    pub(crate) fn received(&self) -> u32 {
        self.received
    }

    /// One more stanza of the server's was handled.
    pub(crate) fn count_received(&mut self) {
        self.received = self.received.wrapping_add(1);
    }

    /// A stanza was handed to the transport.
    pub(crate) fn sent(&mut self, stanza: Outgoing, sent_at: chrono::DateTime<chrono::Utc>) {
        self.message_since_request |= stanza.kind() == StanzaKind::Message;
        let entry = Unacked { stanza, sent_at };
        self.unacked_bytes += entry.bytes();
        self.unacked.push_back(entry);
        self.since_request += 1;
    }

    /// How many of ours the server said it handled, modulo 2³².
    pub(crate) fn acknowledged(&self) -> u32 {
        self.acknowledged
    }

    pub(crate) fn unacked(&self) -> impl ExactSizeIterator<Item = &Unacked> {
        self.unacked.iter()
    }

    /// How much the unacknowledged stanzas take up, in bytes.
    pub(crate) fn unacked_bytes(&self) -> usize {
        self.unacked_bytes
    }

    /// Whether an acknowledgement should be asked for now; `idle` says that nothing else waits to be sent, `full` that
    /// nothing may be sent before one comes.
    pub(crate) fn wants_request(&self, idle: bool, full: bool) -> bool {
        self.is_enabled()
            && !self.unacked.is_empty()
            && self.requested_at.is_none()
            && (full || self.since_request >= REQUEST_EVERY || (idle && self.message_since_request))
    }

    /// `<r/>` was sent.
    pub(crate) fn requested(&mut self, now: Instant) {
        self.since_request = 0;
        self.message_since_request = false;
        self.requested_at = Some(now);
    }

    /// The session goes on over another connection, on which everything unacknowledged was sent again and nothing was asked.
    pub(crate) fn sent_again(&mut self) {
        self.resumed = true;
        self.requested_at = None;
        self.since_request = self.unacked.len();
        self.message_since_request = self
            .unacked
            .iter()
            .any(|entry| entry.stanza.kind() == StanzaKind::Message);
    }

    /// The server says that it handled `h` stanzas; those leave the queue and their senders are told.
    ///
    /// # Errors
    ///
    /// When `h` names stanzas that were never sent (XEP-0198 §4: the stream must then be closed).
    pub(crate) fn acknowledge(&mut self, h: u32) -> Result<(), TooHigh> {
        let newly = h.wrapping_sub(self.acknowledged);
        if let Some(left) = self.left.take() {
            return self.take_over(left, h);
        }
        if newly as usize > self.unacked.len() {
            return Err(TooHigh {
                h,
                sent: self.sent_count(),
            });
        }
        self.acknowledged = h;
        self.requested_at = None;
        for mut entry in self.unacked.drain(..newly as usize) {
            self.unacked_bytes -= entry.bytes();
            entry.stanza.settle(Outcome::Acknowledged);
        }
        Ok(())
    }

    /// The server tells what it has of what an earlier process sent; what it has not goes on from there.
    fn take_over(&mut self, left: Vec<(u32, Unacked)>, h: u32) -> Result<(), TooHigh> {
        let newly = h.wrapping_sub(self.acknowledged);
        if newly >= 1 << 31 {
            let sent = self.acknowledged;
            self.left = Some(left);
            return Err(TooHigh { h, sent });
        }
        let before = self.acknowledged;
        self.acknowledged = h;
        for (number, entry) in left {
            if number.wrapping_sub(before) > newly {
                self.unacked_bytes += entry.bytes();
                self.unacked.push_back(entry);
            }
        }
        Ok(())
    }

    /// How many stanzas were sent, modulo 2³².
    pub(crate) fn sent_count(&self) -> u32 {
        // The queue is bounded far below 2³².
        self.acknowledged
            .wrapping_add(u32::try_from(self.unacked.len()).unwrap_or(u32::MAX))
    }

    /// The session ended: what is unacknowledged is handed back, and nothing can be resumed any more.
    pub(crate) fn end(&mut self) -> Vec<Unacked> {
        let left = self.left.take().into_iter().flatten();
        let left = left.map(|(_, entry)| entry);
        let unacked = left.chain(std::mem::take(&mut self.unacked)).collect();
        *self = Self::default();
        unacked
    }

    /// For tests of the 2³² boundary: pretends that so many stanzas have gone before.
    pub(crate) fn preset(&mut self, received: u32, sent: u32) {
        self.received = received;
        self.acknowledged = sent;
        self.unacked.clear();
        self.unacked_bytes = 0;
    }
}

/// The server acknowledged more than it was sent.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the server acknowledged {h} stanzas, but only {sent} were sent")]
pub(crate) struct TooHigh {
    pub(crate) h: u32,
    pub(crate) sent: u32,
}

impl From<TooHigh> for Error {
    fn from(error: TooHigh) -> Self {
        Self::new(ErrorKind::Protocol, "stream management lost count").with_source(error)
    }
}

/// A snapshot of stream management, for diagnostics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamManagementStatus {
    /// Whether the server enabled it on this stream.
    pub enabled: bool,
    /// The id with which the session can be resumed.
    pub id: Option<String>,
    /// Stanzas received and handled, modulo 2³².
    pub received: u32,
    /// Stanzas sent, modulo 2³².
    pub sent: u32,
    /// The XML of each message that the server has not acknowledged yet, oldest first.
    pub unacked_messages: Vec<String>,
    /// Whether the session now up is the continuation of one that was cut.
    pub resumed: bool,
}

impl StreamManagement {
    pub(crate) fn status(&self) -> StreamManagementStatus {
        StreamManagementStatus {
            enabled: self.is_enabled(),
            id: self.resumption_id().map(ToOwned::to_owned),
            received: self.received,
            sent: self.sent_count(),
            unacked_messages: self
                .unacked
                .iter()
                .filter(|entry| entry.stanza.kind() == StanzaKind::Message)
                .map(|entry| entry.stanza.xml().to_owned())
                .collect(),
            resumed: self.resumed,
        }
    }
}
