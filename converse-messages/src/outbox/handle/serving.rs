//! What happens to what waits: sessions come, others answer, time passes.

use std::sync::Arc;
use std::time::Duration;

use converse_core::Error;
use converse_core::session::SessionNumber;
use converse_core::store::Change;
use jid::BareJid;
use tokio::time::{Instant, sleep_until};

use super::{Inside, Outbox};
use crate::model::{Delivery, MessageError};
use crate::outbox::entry::{About, Entry};
use crate::outbox::error::OutboxError;
use crate::outbox::keeping;
use crate::outbox::lane::Lane;
use crate::outbox::line::Line;

/// How long at most until it is looked again whether something has waited too long: clocks are set.
const LONGEST: Duration = Duration::from_secs(3600);

impl Outbox {
    /// A session begins or goes on.
    pub(super) fn begin_session(&self, session: SessionNumber, resumed: bool) {
        let back = {
            let mut inside = self.inside();
            inside.session = Some(session);
            if resumed {
                Vec::new()
            } else {
                inside.queue.begin_session()
            }
        };
        for entry in back {
            self.requeue(&entry);
        }
        let own = self.clone();
        self.spawn(async move {
            if let Err(error) = own.load().await {
                tracing::warn!(%error, "what was sent before cannot be read; it waits");
            }
            own.expire();
            own.wake_all();
        });
    }

    /// Looks whether something can be sent.
    pub fn wake_all(&self) {
        let lanes = self.inside().queue.lanes();
        for lane in lanes {
            self.wake(&lane);
        }
    }

    /// The same in a room: of what is said to everybody, and to somebody there.
    pub fn wake_in(&self, room: &BareJid) {
        let lanes = self.inside().queue.lanes();
        for lane in lanes.iter().filter(|lane| lane.is_in(room)) {
            self.wake(lane);
        }
    }

    /// Somebody who can know shows that something has arrived: the archive, or the room that sent it to everybody. Whether anything
    /// of that id waited. Whoever calls it sees to the message itself, and may hold the conversation's lock.
    pub fn arrived(&self, lane: &Lane, id: &str) -> bool {
        let mut inside = self.inside();
        if inside.queue.is_empty() {
            return false;
        }
        let Some(entry) = inside.queue.arrived(lane, id) else {
            return false;
        };
        inside.forget(&entry);
        drop(inside);
        self.save();
        self.wake(lane);
        true
    }

    /// Whether somebody may have something of a conversation of which nobody has shown that he has.
    #[must_use]
    pub fn is_doubtful(&self, lane: impl FnOnce() -> Lane) -> bool {
        let inside = self.inside();
        !inside.queue.is_empty() && inside.queue.is_doubtful(&lane())
    }

    /// Somebody refuses what was sent to him; whether anything of that id was.
    pub fn bounced(&self, lane: &Lane, id: &str, error: &MessageError) -> bool {
        let was_queued = self.give_up(lane, id, error);
        // What the server had is not queued any more.
        was_queued || self.line(lane).is_some_and(|line| line.fail(id, error))
    }

    /// A room did not know who sent something (XEP-0045 §7.4). It waits until the user is in the room again; `false` if that
    /// was so several times: it is to be treated as [bounced](Self::bounced).
    pub fn turned_away(&self, lane: &Lane, id: &str) -> bool {
        let entry = self.inside().queue.turned_away(lane, id);
        if let Some(entry) = &entry {
            self.requeue(entry);
        }
        entry.is_some()
    }

    /// A conversation is closed for good, and what waits in it is not sent: it has failed. To be called while it is open.
    pub fn close(&self, lane: &Lane) {
        let mut inside = self.inside();
        let closed = inside.queue.close(lane);
        for entry in &closed {
            inside.forget(entry);
        }
        drop(inside);
        let error = MessageError::from(&Error::from(OutboxError::Withdrawn));
        if let Some(line) = self.line(lane) {
            // What a session has may arrive. What came last is taken back first.
            let waiting = closed.iter().rev().filter(|entry| !entry.is_out());
            for entry in waiting {
                self.fail(&line, entry, &error);
            }
        }
        self.release(lane);
        self.save();
    }

    /// A conversation has another address now.
    pub fn rename(&self, old: &Lane, new: &Lane) {
        let mut inside = self.inside();
        for entry in inside.queue.rename(old, new) {
            let change = keeping::put(&entry, entry.is_marked);
            inside.keep(&entry.lane, change);
        }
        drop(inside);
        self.save();
        self.wake(new);
    }

    /// Gives up what has waited too long.
    pub(in crate::outbox) fn expire(&self) {
        let late = self.inside().queue.expired(self.now());
        if late.is_empty() {
            return;
        }
        let error = MessageError::from(&Error::from(OutboxError::Expired));
        for (lane, id) in late {
            self.give_up(&lane, id.as_str(), &error);
        }
    }

    /// Something will not arrive, nor what is about it; whether it was queued.
    pub(in crate::outbox) fn give_up(&self, lane: &Lane, id: &str, error: &MessageError) -> bool {
        let failed = {
            let mut inside = self.inside();
            let failed = inside.queue.fail(lane, id, error).entries;
            for entry in &failed {
                if entry.is_failed() {
                    let change = keeping::put(entry, entry.is_marked);
                    inside.keep(&entry.lane, change);
                } else {
                    inside.forget(entry);
                }
            }
            failed
        };
        let line = self.line(lane);
        for entry in &failed {
            if let Some(line) = &line {
                self.fail(line, entry, error);
            }
        }
        if !failed.is_empty() {
            self.save();
            self.wake(lane);
        }
        !failed.is_empty()
    }

    /// Something will not arrive, wherever its message is.
    fn fail(&self, line: &Arc<dyn Line>, entry: &Entry, error: &MessageError) {
        let id = entry.id.as_str();
        if !line.fail(id, error) && entry.about == About::Message {
            self.settle(line, id, Delivery::Failed, Some(error));
        }
    }

    /// It waits again, for everybody to see.
    pub(in crate::outbox) fn requeue(&self, entry: &Entry) {
        if entry.about == About::Message
            && let Some(line) = self.line(&entry.lane)
        {
            line.requeue(entry.id.as_str());
        }
    }

    /// Sets the alarm for the first that is to be given up, unless it wakes before anyway.
    pub(super) fn wind(&self) {
        let now = self.now();
        let mut inside = self.inside();
        let Some(deadline) = inside.queue.next_deadline() else {
            return inside.silence();
        };
        let wait = (deadline - now).to_std().unwrap_or_default();
        let at = Instant::now() + wait.min(LONGEST);
        if inside.alarm.as_ref().is_some_and(|(set, _)| *set <= at) {
            return;
        }
        inside.silence();
        let own = self.clone();
        let alarm = tokio::spawn(async move {
            sleep_until(at).await;
            own.inside().alarm = None;
            own.expire();
            own.wind();
        });
        inside.alarm = Some((at, alarm.abort_handle()));
    }
}

impl Inside {
    /// The store is to be told something of a lane.
    pub(in crate::outbox) fn keep(&mut self, lane: &Lane, change: Change) {
        self.changes.push((lane.clone(), change));
    }

    /// An entry is gone.
    pub(in crate::outbox) fn forget(&mut self, entry: &Entry) {
        self.keep(&entry.lane, keeping::delete(entry));
        if let Some(waiter) = self.tickets.remove(&entry.number) {
            // The caller may have stopped waiting.
            let _ = waiter.tell.send(Ok(()));
        }
    }

    fn silence(&mut self) {
        if let Some((_, alarm)) = self.alarm.take() {
            alarm.abort();
        }
    }
}
