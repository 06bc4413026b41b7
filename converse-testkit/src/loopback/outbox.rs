//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use xmpp_parsers::stream_error::StreamError;

use super::dom::Packet;
use super::limits::Limits;

/// How the server ends a connection.
#[derive(Clone)]
pub(super) enum End {
    /// As a network failure would: at once and without a word.
    Cut,
    /// With a stream error, after everything that waits (RFC 6120 §4.9).
    Error(StreamError),
}

/// What the writer does next.
pub(super) enum Next {
    Write(Vec<Packet>),
    End(End),
}

/// A bounded queue with one writer, which tells the senders when to slow down.
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    stanzas: usize,
    bytes: usize,
    filled: Notify,
    drained: Notify,
    ended: Notify,
}

#[derive(Default)]
struct Queue {
    packets: VecDeque<Packet>,
    bytes: usize,
    end: Option<End>,
}

impl Outbox {
    /// A queue that starts with what has to go out in any case.
    pub(super) fn new(limits: &Limits, first: Vec<Packet>) -> Self {
        let queue = Queue {
            bytes: first.iter().map(|packet| packet.bytes).sum(),
            packets: first.into(),
            end: None,
        };
        Self {
            queue: Mutex::new(queue),
            stanzas: limits.queued_stanzas,
            bytes: limits.queued_bytes,
            filled: Notify::new(),
            drained: Notify::new(),
            ended: Notify::new(),
        }
    }

    /// Queues a packet; `false` if there is no room.
    pub(super) fn push(&self, packet: Packet) -> bool {
        let mut queue = self.lock();
        if queue.packets.len() >= self.stanzas || queue.bytes >= self.bytes {
            return false;
        }
        queue.bytes += packet.bytes;
        queue.packets.push_back(packet);
        self.filled.notify_one();
        true
    }

    /// Says how the connection ends. The first word counts, except that a cut overtakes an orderly end.
    pub(super) fn end(&self, end: End) {
        let mut queue = self.lock();
        if queue.end.is_none() || matches!(end, End::Cut) {
            queue.end = Some(end);
        }
        drop(queue);
        self.filled.notify_one();
        self.ended.notify_waiters();
    }

    /// Whether senders should wait.
    pub(super) fn is_congested(&self) -> bool {
        let queue = self.lock();
        queue.end.is_none()
            && (queue.packets.len() > self.stanzas / 2 || queue.bytes > self.bytes / 2)
    }

    /// Waits until senders may go on.
    pub(super) async fn relieved(&self) {
        loop {
            let drained = self.drained.notified();
            if !self.is_congested() {
                return;
            }
            drained.await;
        }
    }

    /// Waits for something to do.
    pub(super) async fn next(&self) -> Next {
        loop {
            let filled = self.filled.notified();
            if let Some(next) = self.take() {
                self.drained.notify_waiters();
                return next;
            }
            filled.await;
        }
    }

    /// Waits until somebody ends the connection; says how.
    pub(super) async fn ended(&self) -> End {
        loop {
            let ended = self.ended.notified();
            let end = self.lock().end.clone();
            match end {
                Some(end) => return end,
                None => ended.await,
            }
        }
    }

    fn take(&self) -> Option<Next> {
        let mut queue = self.lock();
        if let Some(End::Cut) = queue.end {
            queue.packets.clear();
            return Some(Next::End(End::Cut));
        }
        if queue.packets.is_empty() {
            return queue.end.clone().map(Next::End);
        }
        queue.bytes = 0;
        Some(Next::Write(queue.packets.drain(..).collect()))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
