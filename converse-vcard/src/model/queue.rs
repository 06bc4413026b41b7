//! Whose avatar is fetched next without being asked for.

use std::collections::VecDeque;
use std::time::Duration;

use jid::BareJid;
use tokio::time::Instant;

/// How many wait; the avatars of more are fetched when they are asked for.
const MAX_WAITING: usize = 100;
/// How long between two fetches.
pub(crate) const PACE: Duration = Duration::from_secs(1);
/// How long until somebody's avatar is fetched again, however often it changes.
const AGAIN: Duration = Duration::from_secs(60);

/// A short queue in which everybody is once.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<BareJid>,
    /// Who was fetched within [`AGAIN`], oldest first.
    recent: VecDeque<(Instant, BareJid)>,
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Fetch(BareJid),
    Wait(Duration),
    Nothing,
}

impl Queue {
    /// Adds somebody, unless the queue is full.
    pub(crate) fn add(&mut self, jid: &BareJid) {
        if self.waiting.len() < MAX_WAITING && !self.waiting.contains(jid) {
            self.waiting.push_back(jid.clone());
        }
    }

    /// The first who was not fetched just now.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        while let Some((when, _)) = self.recent.front()
            && now.duration_since(*when) >= AGAIN
        {
            self.recent.pop_front();
        }
        let was_just_now = |jid: &BareJid| self.recent.iter().any(|(_, other)| other == jid);
        let ready = self.waiting.iter().position(|jid| !was_just_now(jid));
        if let Some(jid) = ready.and_then(|at| self.waiting.remove(at)) {
            self.recent.push_back((now, jid.clone()));
            return Next::Fetch(jid);
        }
        let due = self.recent.front().map(|(when, _)| *when + AGAIN);
        match due.filter(|_| !self.waiting.is_empty()) {
            Some(due) => Next::Wait(due.duration_since(now)),
            None => Next::Nothing,
        }
    }

    /// Nobody waits any more.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn jid(n: usize) -> BareJid {
        format!("c{n}@x.example").parse().unwrap()
    }

    #[test]
    fn everybody_is_there_once_and_not_too_many() {
        let mut queue = Queue::default();
        (0..10_000).for_each(|n| queue.add(&jid(n)));
        (0..10_000).for_each(|n| queue.add(&jid(n)));
        let now = Instant::now();
        let mut fetched = 0;
        while let Next::Fetch(_) = queue.next(now) {
            fetched += 1;
        }
        assert_eq!(fetched, MAX_WAITING);
        assert_eq!(queue.next(now), Next::Nothing);
    }

    #[test]
    fn who_changes_often_waits_and_others_do_not() {
        let mut queue = Queue::default();
        let start = Instant::now();
        queue.add(&jid(1));
        assert_eq!(queue.next(start), Next::Fetch(jid(1)));
        queue.add(&jid(1));
        queue.add(&jid(2));
        assert_eq!(queue.next(start), Next::Fetch(jid(2)));
        let later = start + Duration::from_secs(10);
        assert_eq!(queue.next(later), Next::Wait(Duration::from_secs(50)));
        assert_eq!(queue.next(start + AGAIN), Next::Fetch(jid(1)));
        assert_eq!(queue.next(start + AGAIN), Next::Nothing);
    }
}
