//! Where messages stand: each has a number, higher than those of all before it.

use super::ids::Id;
use super::{History, Message, SentBy};

impl History {
    /// The messages with their numbers, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = (u64, &Message)> {
        let end = self.first + self.entries.len() as u64;
        let numbers = (self.first..end).rev();
        numbers.zip(self.iter().rev())
    }

    /// The number of the newest message.
    pub fn newest(&self) -> Option<u64> {
        let count = self.entries.len() as u64;
        (count > 0).then(|| self.first + count - 1)
    }

    /// The number of the message that somebody sent, by any of its ids as for [`find`](Self::find).
    pub fn position(&self, sender: SentBy, id: &str) -> Option<u64> {
        let number = self.ids.get(self.ids.key(Id::Of(sender, id)))?;
        self.message(number).map(|_| number)
    }

    /// The number of the message with an id of the account's archive.
    pub fn archived_position(&self, stanza_id: &str) -> Option<u64> {
        let number = self.ids.get(self.ids.key(Id::Archive(stanza_id)))?;
        self.message(number).map(|_| number)
    }
}
