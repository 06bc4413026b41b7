//! The messages of a private chat.

use converse_core::Error;
use converse_core::view::View;
use converse_messages::model::{Message, SentBy};

use super::PrivateChat;

/// The messages of a private chat, in the order in which they are shown: the newest 1,000, or as many as 4 MiB hold. Got with
/// [`PrivateChat::messages`]; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateMessages {
    chat: PrivateChat,
}

impl PrivateMessages {
    pub(super) fn new(chat: PrivateChat) -> Self {
        Self { chat }
    }

    /// All of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), as of the other methods.
    pub fn all(&self) -> Result<Vec<Message>, Error> {
        Ok(self.chat.open()?.history.iter().cloned().collect())
    }

    /// The newest.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn last(&self) -> Result<Option<Message>, Error> {
        Ok(self.chat.open()?.history.iter().next_back().cloned())
    }

    /// The message with an id: one on the wire, an origin id or that of a correction. Both sides choose such ids; should both
    /// have chosen the same, it is the other one's message.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn get(&self, id: impl AsRef<str>) -> Result<Option<Message>, Error> {
        let open = self.chat.open()?;
        let found = [SentBy::Them, SentBy::Me]
            .into_iter()
            .find_map(|sender| open.history.find(sender, id.as_ref()));
        Ok(found.cloned())
    }

    /// How many there are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn count(&self) -> Result<usize, Error> {
        Ok(self.chat.open()?.history.len())
    }

    /// The messages as they are now, and then each change with its place. It ends when the chat is closed; whoever reads it
    /// too slowly gets all of them anew.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn subscribe(&self) -> Result<View<Message>, Error> {
        Ok(self.chat.open()?.history.follow())
    }
}
