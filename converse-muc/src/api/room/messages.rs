//! The messages of a room.

use converse_core::Error;
use converse_core::view::View;
use converse_messages::ContentError;
use converse_messages::{Message, Older};

use super::Room;

/// The messages of a room, in the order in which they are shown: the newest 1,000, or as many as 4 MiB hold. Got with
/// [`Room::messages`]; cheap to clone.
///
/// ```no_run
/// use converse_core::prelude::*;
/// use converse_core::view::Diff;
/// use converse_muc::prelude::*;
///
/// # async fn example(room: Room) -> Result<(), converse_core::Error> {
/// let mut shown = room.messages().subscribe()?;
/// while let Some(diff) = shown.next().await {
///     if let Diff::Insert { item, .. } = diff {
///         println!("{}: {}", item.nick.as_deref().unwrap_or_default(), item.body);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomMessages {
    room: Room,
}

impl RoomMessages {
    pub(super) fn new(room: Room) -> Self {
        Self { room }
    }

    /// All of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), as of the other methods.
    pub fn all(&self) -> Result<Vec<Message>, Error> {
        let open = self.room.opened.open()?;
        Ok(open.talk.history.iter().cloned().collect())
    }

    /// The newest.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn last(&self) -> Result<Option<Message>, Error> {
        let open = self.room.opened.open()?;
        Ok(open.talk.history.iter().next_back().cloned())
    }

    /// The message with an id: one that the room gave it, which is nobody else's; or else the newest that has it from its
    /// sender. Senders choose their ids, and two may have chosen the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn get(&self, id: impl AsRef<str>) -> Result<Option<Message>, Error> {
        let open = self.room.opened.open()?;
        Ok(open.talk.history.any(id.as_ref()).cloned())
    }

    /// How many there are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn count(&self) -> Result<usize, Error> {
        Ok(self.room.opened.open()?.talk.history.len())
    }

    /// The nicks of those who have told that they have displayed a message, or one after it (XEP-0333), sorted. It is
    /// the nick that each had then; at most 5,000 people are known.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if there is no message with that id, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn readers(&self, id: impl AsRef<str>) -> Result<Vec<String>, Error> {
        let id = id.as_ref();
        let open = self.room.opened.open()?;
        let number = open.talk.history.any_position(id);
        let number = number.ok_or_else(|| ContentError::no_message(id))?;
        let place = open.talk.history.place_of(number);
        Ok(place.map_or_else(Vec::new, |place| open.talk.markers.readers(place)))
    }

    /// Has older messages shown, as many as `count`: what the store has, and what is missing from it in the room's archive
    /// (XEP-0313); the newest that is missing comes first, wherever it belongs. It waits while the room is being caught up with.
    ///
    /// Those who [follow](Self::subscribe) see each message come at its place. What the archive gave is announced by
    /// [`RoomMessageAdded`](crate::message::RoomMessageAdded) too, as it has not been here before. About 21,000 messages are shown at
    /// most.
    ///
    /// # Errors
    ///
    /// Those of the archive if it gives nothing at all: [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a
    /// session, [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) if it refuses,
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) if what it says cannot be. Then what is missing is
    /// still known to be missing. [`ErrorKind::Store`](converse_core::ErrorKind::Store), and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    ///
    /// ```no_run
    /// # use converse_muc::prelude::*;
    /// # async fn example(room: Room) -> Result<(), converse_core::Error> {
    /// let older = room.messages().load_older(50).await?;
    /// if older.is_complete {
    ///     println!("This is where it all began.");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn load_older(&self, count: usize) -> Result<Older, Error> {
        self.room.load_older(count).await
    }

    /// The newest messages, at most `count` (and never more than 1,000), that have all words of a text, the newest first. The last
    /// word may be the beginning of one; capital and small letters are the same. With a store that lasts it looks at all that was
    /// ever here, else at what is here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store), and [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn search(&self, text: &str, count: usize) -> Result<Vec<Message>, Error> {
        self.room.search(text, count).await
    }

    /// Whether messages are known to be missing: the archive has them, and [`load_older`](Self::load_older) fetches them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn has_gaps(&self) -> Result<bool, Error> {
        let open = self.room.opened.open()?;
        Ok(!open.talk.archive.followed.state().gaps().is_empty())
    }

    /// The messages as they are now, and then each change with its place. It ends when the room is closed; whoever reads it
    /// too slowly gets all of them anew.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn subscribe(&self) -> Result<View<Message>, Error> {
        Ok(self.room.opened.open()?.talk.history.follow())
    }
}
