//! The messages of a room.

use converse_core::Error;
use converse_core::view::View;
use converse_messages::ContentError;
use converse_messages::Message;

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
