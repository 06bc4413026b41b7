//! Who is in a room.

use converse_core::api::JidSelector;
use converse_core::contract::{FetchPicture, Picture};
use converse_core::view::View;
use converse_core::{Error, ErrorKind};

use super::Room;
use crate::model::Occupant;

/// Who is in a room, the user included; nobody while the user is not in it. Got with [`Room::occupants`]; cheap to clone.
///
/// Of a room as many occupants are kept as 32 MiB hold, which is not less than 20,000 unless they talk a lot, and 50,000 at
/// most. What those say about themselves who come later is left out, and at last they are.
///
/// ```no_run
/// use converse_core::prelude::*;
/// use converse_core::view::Diff;
/// use converse_muc::prelude::*;
///
/// # async fn example(garden: Room) -> Result<(), converse_core::Error> {
/// if let Some(juliet) = garden.occupants().get("Juliet")? {
///     println!("{} is a {} and {}", juliet.nick, juliet.role, juliet.show);
/// }
/// let mut shown = garden.occupants().subscribe()?;
/// println!("{} occupants", shown.snapshot().len());
/// while let Some(diff) = shown.next().await {
///     if let Diff::Insert { index, item } = diff {
///         println!("{} has come and stands at {index}", item.nick);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupants {
    room: Room,
}

impl Occupants {
    pub(crate) fn new(room: Room) -> Self {
        Self { room }
    }

    /// All of them, sorted by nick. Whoever shows them rather uses [`subscribe`](Self::subscribe).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), as of the other methods.
    pub fn all(&self) -> Result<Vec<Occupant>, Error> {
        Ok(self.room.opened.open()?.occupants.all())
    }

    /// Who has that nick. It need not be in the form in which the room shows it, as long as it is the same one as the
    /// resource of an address (RFC 7622 §3.4).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn get(&self, nick: impl AsRef<str>) -> Result<Option<Occupant>, Error> {
        let nick = nick.as_ref();
        let open = self.room.opened.open()?;
        if let Some(occupant) = open.occupants.get(nick) {
            return Ok(Some(occupant.clone()));
        }
        let normal = self.room.jid().with_resource_str(nick).ok();
        let found = normal.and_then(|at| open.occupants.get(at.resource().as_str()).cloned());
        Ok(found)
    }

    /// The user, if the user is in the room.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn own(&self) -> Result<Option<Occupant>, Error> {
        let open = self.room.opened.open()?;
        let nick = open.nick.as_deref();
        Ok(nick.and_then(|nick| open.occupants.get(nick).cloned()))
    }

    /// How many there are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn count(&self) -> Result<usize, Error> {
        Ok(self.room.opened.open()?.occupants.len())
    }

    /// Under which nicks somebody is there who has this occupant id (XEP-0421), sorted by nick; nobody in rooms that give no
    /// such ids. It looks at each of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn by_occupant_id(&self, id: impl AsRef<str>) -> Result<Vec<Occupant>, Error> {
        let id = id.as_ref();
        let is_it = |occupant: &Occupant| {
            let own = occupant.occupant_id.as_ref();
            own.is_some_and(|own| own.as_str() == id)
        };
        Ok(self.room.opened.open()?.occupants.those(is_it))
    }

    /// Under which nicks the account of that address is there, sorted by nick; nobody in rooms that do not show the user the
    /// real addresses. It looks at each of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn by_jid(&self, jid: impl JidSelector) -> Result<Vec<Occupant>, Error> {
        let jid = jid.bare("occupants.by_jid")?;
        let is_it = |occupant: &Occupant| {
            let own = occupant.real_jid.as_ref();
            own.is_some_and(|own| own.node() == jid.node() && own.domain() == jid.domain())
        };
        Ok(self.room.opened.open()?.occupants.those(is_it))
    }

    /// The picture of an occupant who says to have one (XEP-0153 §3.1); `None` if they are not there, say nothing of the kind, or the
    /// picture may not be shown: it is not the one they announced, too large, or no picture. It is fetched once, and kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) where nothing of vCards runs,
    /// [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) and others of a request that fails, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn picture(&self, nick: impl AsRef<str>) -> Result<Option<Picture>, Error> {
        let Some(occupant) = self.get(nick)? else {
            return Ok(None);
        };
        let Some(hash) = occupant.image_hash.as_deref() else {
            return Ok(None);
        };
        let Ok(at) = self.room.jid().with_resource_str(&occupant.nick) else {
            return Ok(None);
        };
        let awaited = self
            .room
            .api
            .bus()
            .call(FetchPicture::new(at, hash))
            .await?;
        awaited.await.unwrap_or_else(|_| {
            let gone = "the instance has been torn down";
            Err(Error::new(ErrorKind::Closed, gone))
        })
    }

    /// All of them as they are now, sorted by nick, and then each change with its place. When the user has left the room, it
    /// is an empty list; it ends when the room is closed. Whoever reads it too slowly gets all of them anew.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn subscribe(&self) -> Result<View<Occupant>, Error> {
        Ok(self.room.opened.open()?.occupants.follow())
    }
}
