//! Where messages stand: each has a number, higher than those of all before it.

use super::ids::Id;
use super::{History, Message, SentBy, Whose, names};

impl History {
    /// The messages with their numbers, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = (u64, &Message)> {
        let end = self.first + self.entries.len() as u64;
        let numbers = (self.first..end).rev();
        numbers.zip(self.iter().rev())
    }

    /// The number of the newest message.
    #[must_use]
    pub fn newest(&self) -> Option<u64> {
        let count = self.entries.len() as u64;
        (count > 0).then(|| self.first + count - 1)
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

    /// The number of the oldest message that is kept, or that the next one will have.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.first
    }
}
