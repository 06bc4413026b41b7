//! When to look after which room: one timer for all of them.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use converse_core::api::Api;
use converse_core::bus::Bus;
use jid::BareJid;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use crate::message::Wake;

/// Wakes the actor when the time of a room has come.
pub(crate) struct Schedule {
    bus: Bus,
    by_time: BTreeSet<(Instant, BareJid)>,
    by_room: HashMap<BareJid, Instant>,
    /// For when the timer is set, and the timer.
    timer: Option<(Instant, AbortHandle)>,
}

impl Schedule {
    pub(crate) fn new(api: &Api) -> Self {
        Self {
            bus: api.bus().clone(),
            by_time: BTreeSet::new(),
            by_room: HashMap::new(),
            timer: None,
        }
    }

    /// From now on the room is looked after at `at`, or never.
    pub(crate) fn set(&mut self, room: &BareJid, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.by_room.insert(room.clone(), at),
            None => self.by_room.remove(room),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, room.clone()));
        }
        if let Some(at) = at {
            self.by_time.insert((at, room.clone()));
        }
        self.wind();
    }

    /// The rooms whose time has come; they have none any more.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<BareJid> {
        let mut due = Vec::new();
        while let Some((at, room)) = self.by_time.pop_first() {
            if at > now {
                self.by_time.insert((at, room));
                break;
            }
            self.by_room.remove(&room);
            due.push(room);
        }
        self.timer = None;
        self.wind();
        due
    }

    /// Sets the timer for the first room, unless it wakes before anyway: to wake too early costs less than to set it each time.
    fn wind(&mut self) {
        let Some((first, _)) = self.by_time.first() else {
            self.stop();
            return;
        };
        let first = *first;
        if self.timer.as_ref().is_some_and(|(at, _)| *at <= first) {
            return;
        }
        self.stop();
        let bus = self.bus.clone();
        let timer = tokio::spawn(async move {
            sleep_until(first).await;
            if let Err(error) = bus.call(Wake).await {
                tracing::debug!(%error, "nobody heard the timer");
            }
        });
        self.timer = Some((first, timer.abort_handle()));
    }

    fn stop(&mut self) {
        if let Some((_, timer)) = self.timer.take() {
            timer.abort();
        }
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule")
            .field("rooms", &self.by_room.len())
            .finish_non_exhaustive()
    }
}
