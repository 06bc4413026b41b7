//! Which message is which, and where each stands.

use converse_core::store::Place;

use super::ids::Id;
use super::{History, Message, SentBy, Whose, names};

impl History {
    /// The messages with their numbers, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = (u64, &Message)> {
        let rows = self.order.iter().rev();
        rows.filter_map(|row| Some((row.number, self.message(row.number)?)))
    }

    /// The messages with their places, the newest first.
    pub(in crate::model) fn places_newest_first(&self) -> impl Iterator<Item = (Place, &Message)> {
        let rows = self.order.iter().rev();
        rows.filter_map(|row| Some((row.place, self.message(row.number)?)))
    }

    /// The number of the newest message.
    #[must_use]
    pub fn newest(&self) -> Option<u64> {
        self.order.last().map(|row| row.number)
    }

    /// Where a message stands, by its number. A place is only good until something is added: others may have to move on.
    #[must_use]
    pub fn place_of(&self, number: u64) -> Option<Place> {
        self.entry(number).map(|entry| entry.place)
    }

    /// Where the message with an id of the account's or the room's archive stands.
    #[must_use]
    pub fn archived_place(&self, stanza_id: &str) -> Option<Place> {
        self.place_of(self.archived_position(stanza_id)?)
    }

    /// Where the oldest message stands that is here.
    #[must_use]
    pub fn oldest_place(&self) -> Option<Place> {
        self.order.first().map(|row| row.place)
    }

    /// Where the newest message stands.
    #[must_use]
    pub fn newest_place(&self) -> Option<Place> {
        self.order.last().map(|row| row.place)
    }

    /// The number of the message of a chat that somebody sent, by any of its ids as for [`find`](Self::find).
    #[must_use]
    pub fn position(&self, sender: SentBy, id: &str) -> Option<u64> {
        let whose = Whose::Side(sender);
        let number = self.ids.get(self.ids.key(Id::Of(&whose, id)))?;
        self.message(number).map(|_| number)
    }

    /// The number of the message with an id of the account's or the room's archive.
    #[must_use]
    pub fn archived_position(&self, stanza_id: &str) -> Option<u64> {
        let number = self.ids.get(self.ids.key(Id::Archive(stanza_id)))?;
        self.message(number).map(|_| number)
    }

    /// The number of the message that [`any`](Self::any) finds.
    #[must_use]
    pub fn any_position(&self, id: &str) -> Option<u64> {
        self.archived_position(id).or_else(|| {
            let mut newest = self.newest_first();
            let found = newest.find(|(_, message)| names(message).any(|own| own == id));
            found.map(|(number, _)| number)
        })
    }

    /// The message of that number, if it is kept.
    #[must_use]
    pub fn at(&self, number: u64) -> Option<&Message> {
        self.message(number)
    }
}
