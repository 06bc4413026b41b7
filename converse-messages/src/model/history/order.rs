//! In which order the messages stand.

use std::collections::VecDeque;

use converse_core::store::Place;

/// A message by its number, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) number: u64,
}

/// The messages by their places, no two of which are the same.
#[derive(Debug, Default)]
pub(super) struct Order {
    rows: VecDeque<Row>,
}

impl Order {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn first(&self) -> Option<Row> {
        self.rows.front().copied()
    }

    pub(super) fn last(&self) -> Option<Row> {
        self.rows.back().copied()
    }

    pub(super) fn get(&self, index: usize) -> Option<Row> {
        self.rows.get(index).copied()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Row> + '_ {
        self.rows.iter().copied()
    }

    /// Where the row of that place stands, or would stand.
    pub(super) fn search(&self, place: Place) -> Result<usize, usize> {
        // What is new is at the end nearly always.
        match self.rows.back() {
            Some(last) if last.place == place => Ok(self.rows.len() - 1),
            Some(last) if last.place < place => Err(self.rows.len()),
            _ => self.rows.binary_search_by(|row| row.place.cmp(&place)),
        }
    }

    /// Puts a message in; where it stands then. The place is free.
    pub(super) fn insert(&mut self, row: Row) -> usize {
        let index = self.search(row.place).unwrap_or_else(|index| index);
        self.rows.insert(index, row);
        index
    }

    pub(super) fn remove(&mut self, index: usize) -> Option<Row> {
        self.rows.remove(index)
    }

    /// A free place behind `after` and before `before`, which a message of the time of `at` gets: that of its time, if that
    /// lies between them, else the nearest. Where there is no room, those behind it move on; `moved` hears of each.
    pub(super) fn make_room(
        &mut self,
        at: Place,
        after: Option<Place>,
        before: Option<Place>,
        moved: impl FnMut(Row),
    ) -> Place {
        // Where bounds contradict each other, it is the one before that counts.
        let before = before.filter(|before| after.is_none_or(|after| after < *before));
        let (index, is_early) = match (after, before) {
            (Some(after), _) if after >= at => (self.behind(after), false),
            (_, Some(before)) if before <= at => (self.behind_all_before(before), true),
            _ => match self.search(at) {
                Err(_) => return at,
                Ok(index) => (index + 1, false),
            },
        };
        let stands = |index: usize| self.rows.get(index).map(|row| row.place);
        let low = index.checked_sub(1).and_then(stands).max(after);
        let high = [stands(index), before].into_iter().flatten().min();
        match (low, high) {
            (None, None) => at,
            (Some(low), None) => low.next(),
            (None, Some(high)) => high.before(),
            (Some(low), Some(high)) => {
                let near = if is_early { high.before() } else { low.next() };
                if low < near && near < high {
                    return near;
                }
                let between = low.between(high);
                between.unwrap_or_else(|| self.push_on(index, low, moved))
            }
        }
    }

    fn behind_all_before(&self, place: Place) -> usize {
        self.search(place).unwrap_or_else(|index| index)
    }

    fn behind(&self, place: Place) -> usize {
        match self.search(place) {
            Ok(index) => index + 1,
            Err(index) => index,
        }
    }

    /// Moves those from `index` on as far as it takes to have a free place behind `low`.
    fn push_on(&mut self, index: usize, low: Place, mut moved: impl FnMut(Row)) -> Place {
        let free = low.next();
        let mut taken = free;
        for row in self.rows.iter_mut().skip(index) {
            if row.place > taken {
                break;
            }
            taken = taken.next();
            row.place = taken;
            moved(*row);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(places: &[Place]) -> Order {
        let mut order = Order::default();
        for (number, place) in places.iter().enumerate() {
            let number = number as u64;
            let place = *place;
            order.insert(Row { place, number });
        }
        order
    }

    fn at(micros: i64) -> Place {
        Place::new(micros, 1 << 31)
    }

    #[test]
    fn a_time_between_its_bounds_is_the_place() {
        let mut order = order(&[at(1), at(5)]);
        let mut place = |at, after, before| order.make_room(at, after, before, |_| {});
        assert_eq!(place(at(3), Some(at(1)), Some(at(5))), at(3));
        assert_eq!(place(at(9), Some(at(1)), None), at(9));
        assert_eq!(place(at(0), None, Some(at(1))), at(0));
        // Behind what has the same time.
        let behind = place(at(1), None, None);
        assert!(at(1) < behind && behind < at(2));
    }

    #[test]
    fn a_time_outside_its_bounds_is_next_to_them() {
        let mut order = order(&[at(1), at(5), at(7)]);
        let mut place = |at, after, before| order.make_room(at, after, before, |_| {});
        assert_eq!(place(at(0), Some(at(1)), None), at(1).next());
        assert_eq!(place(at(3), Some(at(5)), Some(at(7))), at(5).next());
        assert_eq!(place(at(9), Some(at(1)), Some(at(5))), at(5).before());
        assert_eq!(place(at(9), None, Some(at(1))), at(1).before());
        // Bounds of which neither is here.
        assert_eq!(place(at(9), Some(at(2)), Some(at(4))), at(4).before());
    }

    #[test]
    fn where_there_is_no_room_the_others_move_on() {
        let mut order = order(&[at(1), at(9)]);
        let mut moves = 0;
        for number in 2..500 {
            let high = order.get(1).map(|row| row.place);
            let place = order.make_room(at(0), Some(at(1)), high, |_| moves += 1);
            order.insert(Row { place, number });
            assert_eq!(order.get(1).map(|row| row.number), Some(number));
        }
        assert!(moves > 0);
        let places: Vec<Place> = order.iter().map(|row| row.place).collect();
        assert!(places.windows(2).all(|two| two[0] < two[1]));
    }
}
