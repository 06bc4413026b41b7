//! Who may enter at the moment.

use std::collections::{HashSet, VecDeque};

use jid::BareJid;

/// How many rooms are being entered at once without anybody waiting for them.
const PLACES: usize = 10;
/// How many more may be because somebody asked for just that room.
const EXTRA_PLACES: usize = 10;

/// Lets a few rooms be entered at a time, so that two hundred at the start of a session flood neither the server nor the client. What
/// somebody asked for goes before what is entered by itself.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    inside: HashSet<BareJid>,
    asked_for: VecDeque<BareJid>,
    by_itself: VecDeque<BareJid>,
}

impl Turnstile {
    /// A room is to be entered; one that waits or is being entered keeps its place.
    pub(crate) fn queue(&mut self, room: BareJid, is_asked_for: bool) {
        let has_place = self.inside.contains(&room);
        if has_place || self.asked_for.contains(&room) || self.by_itself.contains(&room) {
            return;
        }
        if is_asked_for {
            self.asked_for.push_back(room);
        } else {
            self.by_itself.push_back(room);
        }
    }

    /// Somebody asks for a room that may be waiting to be entered by itself.
    pub(crate) fn hurry(&mut self, room: &BareJid) {
        let place = self.by_itself.iter().position(|waiting| waiting == room);
        let waiting = place.and_then(|place| self.by_itself.remove(place));
        self.asked_for.extend(waiting);
    }

    /// Whether a room waits to be entered.
    pub(crate) fn is_waited_at(&self) -> bool {
        !self.asked_for.is_empty() || !self.by_itself.is_empty()
    }

    /// The next room to enter, if there is a place; it has the place until it [leaves](Self::leave).
    pub(crate) fn next(&mut self) -> Option<BareJid> {
        let taken = self.inside.len();
        let (waiting, places) = if self.asked_for.is_empty() {
            (&mut self.by_itself, PLACES)
        } else {
            (&mut self.asked_for, PLACES + EXTRA_PLACES)
        };
        let room = (taken < places).then(|| waiting.pop_front()).flatten()?;
        self.inside.insert(room.clone());
        Some(room)
    }

    /// A room was entered, or is not to be entered any more.
    pub(crate) fn leave(&mut self, room: &BareJid) {
        if !self.inside.remove(room) {
            self.asked_for.retain(|waiting| waiting != room);
            self.by_itself.retain(|waiting| waiting != room);
        }
    }

    /// Nothing is being entered, and nothing waits.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(number: usize) -> BareJid {
        let jid = format!("room{number}@rooms.kestrel.example").parse();
        jid.unwrap_or_else(|error| unreachable!("{error}"))
    }

    fn let_in(turnstile: &mut Turnstile) -> Vec<BareJid> {
        std::iter::from_fn(|| turnstile.next()).collect()
    }

    #[test]
    fn two_hundred_rooms_are_entered_ten_at_a_time() {
        let mut turnstile = Turnstile::default();
        for number in 0..200 {
            turnstile.queue(room(number), false);
            turnstile.queue(room(number), false);
        }
        let mut entered = let_in(&mut turnstile);
        assert_eq!(entered.len(), PLACES);
        for number in 0..200 {
            turnstile.leave(&room(number));
            let next = let_in(&mut turnstile);
            assert!(next.len() <= 1);
            entered.extend(next);
        }
        assert_eq!(entered, (0..200).map(room).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_asked_for_goes_before_what_waits() {
        let mut turnstile = Turnstile::default();
        for number in 0..30 {
            turnstile.queue(room(number), false);
        }
        let_in(&mut turnstile);
        turnstile.hurry(&room(29));
        turnstile.hurry(&room(0));
        turnstile.queue(room(99), true);
        assert_eq!(let_in(&mut turnstile), [room(29), room(99)]);
        for number in 100..200 {
            turnstile.queue(room(number), true);
        }
        assert_eq!(let_in(&mut turnstile).len(), EXTRA_PLACES - 2);
    }

    #[test]
    fn who_does_not_want_to_enter_any_more_waits_no_more() {
        let mut turnstile = Turnstile::default();
        for number in 0..12 {
            turnstile.queue(room(number), false);
        }
        let_in(&mut turnstile);
        turnstile.leave(&room(10));
        turnstile.leave(&room(0));
        assert_eq!(let_in(&mut turnstile), [room(11)]);
    }
}
