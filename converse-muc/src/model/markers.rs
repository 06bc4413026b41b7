//! Up to where the occupants of a room have read (XEP-0333 §4.3).

use std::collections::HashMap;

use converse_core::store::Place;
use converse_messages::model::Whose;

/// Of how many people it is kept.
const MAX_PEOPLE: usize = 5_000;

/// Up to where each has read, as far as they told.
#[derive(Debug, Default)]
pub(crate) struct Markers {
    people: HashMap<Whose, Marker>,
}

#[derive(Debug)]
struct Marker {
    nick: String,
    /// Where the message stands.
    place: Place,
}

impl Markers {
    /// Somebody has read up to a message; it only moves forward (§5). Whether that is news.
    pub(crate) fn move_to(&mut self, whose: &Whose, nick: &str, place: Place) -> bool {
        if let Some(marker) = self.people.get_mut(whose) {
            let is_news = marker.place < place;
            if is_news {
                nick.clone_into(&mut marker.nick);
                marker.place = place;
            }
            return is_news;
        }
        let has_place = self.people.len() < MAX_PEOPLE;
        if has_place {
            let nick = nick.to_owned();
            self.people.insert(whose.clone(), Marker { nick, place });
        }
        has_place
    }

    /// Forgets those who have read only what is not kept any more.
    pub(crate) fn shrink(&mut self, oldest: Place) {
        if self.people.len() >= MAX_PEOPLE {
            self.people.retain(|_, marker| marker.place >= oldest);
        }
    }

    /// The nicks of those who have read a message, sorted.
    pub(crate) fn readers(&self, place: Place) -> Vec<String> {
        let people = self.people.values();
        let readers = people.filter(|marker| marker.place >= place);
        let mut nicks: Vec<String> = readers.map(|marker| marker.nick.clone()).collect();
        nicks.sort_unstable();
        nicks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_only_move_forward_and_are_of_people() {
        let mut markers = Markers::default();
        let at = |micros| Place::new(micros, 0);
        assert!(markers.move_to(&Whose::Visitor(1), "pia", at(5)));
        assert!(!markers.move_to(&Whose::Visitor(1), "pia", at(4)));
        assert!(markers.move_to(&Whose::Visitor(1), "piano", at(6)));
        assert!(markers.move_to(&Whose::Visitor(2), "pia", at(3)));
        assert_eq!(markers.readers(at(3)), ["pia", "piano"]);
        assert_eq!(markers.readers(at(6)), ["piano"]);
        assert!(markers.readers(at(7)).is_empty());
        for n in 0..MAX_PEOPLE as u64 {
            markers.move_to(&Whose::Visitor(100 + n), "x", at(3));
        }
        assert!(!markers.move_to(&Whose::Visitor(9_999_999), "y", at(8)));
        markers.shrink(at(6));
        assert_eq!(markers.readers(at(0)), ["piano"]);
        assert!(markers.move_to(&Whose::Visitor(9_999_999), "y", at(8)));
    }
}
