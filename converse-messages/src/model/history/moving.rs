//! Putting messages where the archive, or the room, has them.

use converse_core::store::Place;
use converse_core::view::Diff;

use super::{Added, Delivery, History, Message, Row, SentBy, Spot};

impl History {
    /// A free place for a message that an archive has.
    pub(super) fn make_room(&mut self, spot: Spot) -> Place {
        let mut moved = Vec::new();
        let place = self
            .order
            .make_room(spot.at, spot.after, spot.before, |row| moved.push(row));
        for Row { place, number } in moved {
            if let Some(entry) = self.entry_mut(number) {
                entry.place = place;
            }
            self.mark(number);
        }
        place
    }

    /// A message that is here is to stand where the archive has it; what came of that and of adding it.
    pub(super) fn put_right(&mut self, number: u64, spot: Spot, added: Added) -> Added {
        let is_right = self.place_of(number).is_none_or(|place| spot.fits(place));
        if is_right {
            return added;
        }
        self.move_to(number, spot);
        let moved = self.message(number).cloned();
        self.shrink();
        match (added, moved) {
            (Added::Duplicate, Some(moved)) => Added::Moved(moved),
            (added, _) => added,
        }
    }

    pub(super) fn move_to(&mut self, number: u64, spot: Spot) {
        let Some(from) = self.index(number) else {
            return;
        };
        let was_beyond = self.place_of(number).is_some_and(|at| self.is_beyond(at));
        // It is not in its own way.
        self.order.remove(from);
        let place = self.make_room(spot);
        let to = self.order.insert(Row { place, number });
        self.mark(number);
        let Some(entry) = self.entry_mut(number) else {
            return;
        };
        entry.place = place;
        let is_beyond = self.is_beyond(place);
        let is_same = from == to && was_beyond == is_beyond;
        if is_same || !self.followers.is_followed() {
            return;
        }
        if !was_beyond {
            self.followers.send(Diff::Remove { index: from });
        }
        if let Some(item) = self.message(number).cloned().filter(|_| !is_beyond) {
            self.followers.send(Diff::Insert { index: to, item });
        }
    }

    /// The room has sent a message of the user's to everybody: it stands behind what the room had sent before. What the user
    /// sent after it, which the room has not sent yet, stays behind it.
    pub(super) fn move_behind_room(&mut self, number: u64, added: Added) -> Added {
        let Added::Reflected(_) = added else {
            return added;
        };
        let Some(index) = self.index(number) else {
            return added;
        };
        let is_said = |row: &Row| {
            let message = self.message(row.number);
            message.is_some_and(|message| !is_on_its_way(message))
        };
        let later = (index + 1..self.order.len()).rev();
        let mut later = later.filter_map(|at| Some((at, self.order.get(at)?)));
        let Some((last, mut behind)) = later.find(|(_, row)| is_said(row)) else {
            return added;
        };
        let between = (index + 1..last).filter_map(|at| self.order.get(at));
        let waiting = between.filter(|row| !is_said(row)).map(|row| row.number);
        let moving: Vec<u64> = std::iter::once(number).chain(waiting).collect();
        for number in moving {
            self.move_to(number, Spot::near(behind.place).after(Some(behind.place)));
            if let Some(place) = self.place_of(number) {
                behind = Row { place, number };
            }
        }
        added
    }
}

/// Whether it was sent from here and the room has not sent it to everybody yet.
fn is_on_its_way(message: &Message) -> bool {
    message.sender == SentBy::Me
        && matches!(
            message.delivery,
            Some(Delivery::Queued | Delivery::Sent | Delivery::Acknowledged | Delivery::Failed)
        )
}
