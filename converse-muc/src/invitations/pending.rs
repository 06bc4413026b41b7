//! The invitations that wait for an answer.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use jid::BareJid;

use super::received::Received;

/// How many invitations wait at most.
const MAX_PENDING: usize = 100;
/// How many of them may be of strangers.
const MAX_OF_STRANGERS: usize = 20;
/// After how many hours one of a stranger makes room for another stranger's.
const HOURS_OF_STRANGERS: i64 = 1;

/// The invitations that the user has not answered, oldest first; one a room.
///
/// Whoever floods the user with invitations (XEP-0249 §6) gets no further than [`MAX_OF_STRANGERS`] an hour, and never takes
/// the place of what contacts send.
#[derive(Debug, Default)]
pub(super) struct Pending {
    waiting: Vec<Arc<Received>>,
    last: u64,
}

/// What became of an invitation that came in.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is a new one.
    New(Arc<Received>),
    /// It belongs to one that waits, which is this one now.
    Merged(Arc<Received>),
    /// There are too many.
    Refused,
}

impl Pending {
    pub(super) fn take(&mut self, mut received: Received, now: DateTime<Utc>) -> Taken {
        if let Some(known) = self
            .waiting
            .iter_mut()
            .find(|known| known.room == received.room)
        {
            Arc::make_mut(known).merge(received);
            return Taken::Merged(Arc::clone(known));
        }
        if !self.make_room(received.is_trusted(), now) {
            return Taken::Refused;
        }
        self.last += 1;
        received.number = self.last;
        let received = Arc::new(received);
        self.waiting.push(Arc::clone(&received));
        Taken::New(received)
    }

    /// The invitation to a room.
    pub(super) fn get(&self, room: &BareJid) -> Option<Arc<Received>> {
        self.waiting
            .iter()
            .find(|known| known.room == *room)
            .cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Received>> {
        self.waiting.clone()
    }

    /// Takes one away; `false` if it waits no more.
    pub(super) fn remove(&mut self, number: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|known| known.number != number);
        self.waiting.len() < before
    }

    pub(super) fn remove_room(&mut self, room: &BareJid) {
        self.waiting.retain(|known| known.room != *room);
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    fn make_room(&mut self, trusted: bool, now: DateTime<Utc>) -> bool {
        let stranger = self.waiting.iter().position(|known| !known.is_trusted());
        if trusted {
            if self.waiting.len() >= MAX_PENDING {
                self.waiting.remove(stranger.unwrap_or(0));
            }
            return true;
        }
        let strangers = self.waiting.iter().filter(|known| !known.is_trusted());
        if strangers.count() < MAX_OF_STRANGERS && self.waiting.len() < MAX_PENDING {
            return true;
        }
        let is_old = |known: &Received| now - known.time >= TimeDelta::hours(HOURS_OF_STRANGERS);
        match stranger {
            Some(place) if is_old(&self.waiting[place]) => {
                self.waiting.remove(place);
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::super::received::Invite;
    use super::*;

    fn invitation(room: &str, trusted: bool, time: DateTime<Utc>) -> Received {
        Received {
            number: 0,
            room: room.parse().unwrap(),
            direct: Some(Invite {
                inviter: None,
                reason: None,
                password: None,
                continues: false,
                thread: None,
                trusted,
            }),
            mediated: None,
            time,
        }
    }

    fn start() -> DateTime<Utc> {
        "2026-02-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn strangers_wait_within_bounds_and_contacts_come_first() {
        let (mut pending, now) = (Pending::default(), start());
        let mut add = |name: &str, trusted: bool, now: DateTime<Utc>| {
            let invitation = invitation(&format!("{name}@rooms.example"), trusted, now);
            !matches!(pending.take(invitation, now), Taken::Refused)
        };
        let taken = (0..5_000)
            .filter(|n| add(&format!("s{n}"), false, now))
            .count();
        assert_eq!(taken, MAX_OF_STRANGERS);
        let later = now + TimeDelta::hours(HOURS_OF_STRANGERS);
        let taken = (0..5_000)
            .filter(|n| add(&format!("l{n}"), false, later))
            .count();
        assert_eq!(taken, MAX_OF_STRANGERS);
        let taken = (0..5_000)
            .filter(|n| add(&format!("c{n}"), true, later))
            .count();
        assert_eq!(taken, 5_000);
        assert!(!add("last", false, later));
        assert_eq!(pending.all().len(), MAX_PENDING);
        assert!(pending.all().iter().all(|known| known.is_trusted()));
    }

    #[test]
    fn one_a_room_and_the_more_certain_counts() {
        let (mut pending, now) = (Pending::default(), start());
        let jid: BareJid = "garden@rooms.example".parse().unwrap();
        let Taken::New(first) = pending.take(invitation(jid.as_str(), false, now), now) else {
            unreachable!()
        };
        assert!(!first.is_trusted());
        let Taken::Merged(merged) = pending.take(invitation(jid.as_str(), true, now), now) else {
            unreachable!()
        };
        assert!(merged.is_trusted());
        assert_eq!(merged.number, first.number);
        // A stranger does not take it back.
        let Taken::Merged(merged) = pending.take(invitation(jid.as_str(), false, now), now) else {
            unreachable!()
        };
        assert!(merged.is_trusted());
        assert!(pending.remove(first.number));
        assert!(!pending.remove(first.number));
        assert!(pending.get(&jid).is_none());
    }
}
