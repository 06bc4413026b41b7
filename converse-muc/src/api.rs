//! What an application calls: the **rooms** grouping of the 3.2 document.

mod room;

use std::sync::Arc;

use converse_core::api::{Api, JidSelector};
use converse_core::view::View;
use converse_core::{Error, ErrorKind};

use crate::error::MucError;
use crate::message::{CloseRoom, OpenRoom};
use crate::model::{Registry, RoomOptions};

pub use room::{Occupants, Room, RoomComposer, RoomMessages};

/// Adds the **rooms** grouping to [`Api`].
pub trait RoomsExt {
    /// The rooms that are open.
    fn rooms(&self) -> Rooms;
}

impl RoomsExt for Api {
    fn rooms(&self) -> Rooms {
        Rooms { api: self.clone() }
    }
}

/// The rooms that are open, at most 1,000; for conversations with one person there is a grouping of its own.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_muc::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! {}).await?;
/// assert!(api.rooms().get("garden@chat.montague.example")?.is_none());
///
/// // There is no session.
/// let opened = api.rooms().open("garden@chat.montague.example", "Romeo").await;
/// assert_eq!(opened.unwrap_err().kind(), ErrorKind::Disconnected);
/// assert!(api.rooms().all().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Rooms {
    pub(crate) api: Api,
}

impl Rooms {
    /// The room of that address if it is open: this opens nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not a JID, [`ErrorKind::Unsupported`] if the plugin does not run.
    pub fn get(&self, jid: impl JidSelector) -> Result<Option<Room>, Error> {
        let jid = jid.bare("rooms.get")?;
        let room = self.registry()?.get(&jid);
        Ok(room.map(|room| Room::new(&self.api, room)))
    }

    /// Several rooms, in their order; `None` in the place of each that is not open.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn get_many<J: JidSelector>(
        &self,
        jids: impl IntoIterator<Item = J>,
    ) -> Result<Vec<Option<Room>>, Error> {
        jids.into_iter().map(|jid| self.get(jid)).collect()
    }

    /// All open rooms, sorted by address; none if the plugin does not run.
    #[must_use]
    pub fn all(&self) -> Vec<Room> {
        let Ok(registry) = self.registry() else {
            return Vec::new();
        };
        let rooms = registry.all().into_iter();
        rooms.map(|room| Room::new(&self.api, room)).collect()
    }

    /// The open rooms as they are now, sorted by address, and then each change: a room that was opened or closed, and an update of
    /// its entry whenever its status, name, subject or what is unread in it is different. An entry is a handle, which tells what the
    /// room is like when it is asked. Whoever reads it too slowly gets all of them anew.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if the plugin does not run.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// use converse_core::view::Diff;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let mut rooms = api.rooms().subscribe()?;
    /// assert!(rooms.snapshot().is_empty());
    /// while let Some(Diff::Update { index, item }) = rooms.try_next() {
    ///     println!("row {index}: {} ({} unread)", item.jid(), item.unread()?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscribe(&self) -> Result<View<Room>, Error> {
        let handle = |room| Room::new(&self.api, room);
        Ok(self.registry()?.follow(handle))
    }

    /// The room of that address, opened if it is not open: `rooms.get` of the 3.2 document with `true` as its third
    /// argument. Without a nick it is entered under the local part of the own JID.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn get_or_open(
        &self,
        jid: impl JidSelector,
        options: impl Into<RoomOptions>,
    ) -> Result<Room, Error> {
        let mut options = options.into();
        if options.nick.is_none() {
            let own = self.api.session().bare_jid();
            let node = own.as_ref().and_then(|jid| jid.node());
            options.nick = node.map(|node| node.as_str().to_owned());
        }
        self.open_as("rooms.get", jid, options).await
    }

    /// Opens a room and begins to enter it. It returns at once: [`Room::entered`] waits until the room has let the user in.
    ///
    /// The nick is the given one; else, with the setting `muc_nickname_from_jid`, the local part of the own JID; else the
    /// one that the room keeps for the user (XEP-0045 §7.12); else the setting `nickname`. Without any the room stays at
    /// [`NicknameRequired`](crate::ConnectionStatus::NicknameRequired).
    ///
    /// A room that is open is the same room, and is not entered a second time; if the user is not in it (any more), another
    /// attempt is made. At most ten rooms that nobody waits for are entered at a time, and ten more that were opened here.
    ///
    /// The user comes back by himself: with the next session, after a lost connection that could not be resumed; when the room turns
    /// out not to know the user any more, which it is asked after a quarter of an hour of silence (XEP-0410); and, later each time,
    /// when the service was shut down, cannot be reached or does not answer. Who was kicked or banned does not. A room that is not
    /// closed is open again when the program is started anew on the same store, and is entered again with the first session.
    ///
    /// What was said while the user was away comes from the room's archive (XEP-0313) if it has one and a plugin reads archives; what
    /// is said meanwhile waits until then, at most 1,000 messages or 4 MiB. From other rooms comes what they tell of their history.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not the JID of a room or the nick cannot be one,
    /// [`ErrorKind::Disconnected`] without a session, [`ErrorKind::Unsupported`] if the plugin does not run, the setting
    /// `allow_muc` is off, or 1,000 rooms are open.
    pub async fn open(
        &self,
        jid: impl JidSelector,
        options: impl Into<RoomOptions>,
    ) -> Result<Room, Error> {
        self.open_as("rooms.open", jid, options.into()).await
    }

    /// Opens several rooms with the same options, in their order.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), for the first that fails; those before it are open then.
    pub async fn open_many<J: JidSelector>(
        &self,
        jids: impl IntoIterator<Item = J>,
        options: impl Into<RoomOptions>,
    ) -> Result<Vec<Room>, Error> {
        let options = options.into();
        let mut rooms = Vec::new();
        for jid in jids {
            rooms.push(self.open(jid, options.clone()).await?);
        }
        Ok(rooms)
    }

    /// Leaves a room and forgets it; one that is not open is no error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not a JID, [`ErrorKind::Unsupported`] if the plugin does not run.
    pub async fn close(&self, jid: impl JidSelector) -> Result<(), Error> {
        let jid = jid.bare("rooms.close")?;
        if let Some(room) = self.registry()?.get(&jid) {
            self.api.bus().call(CloseRoom { room }).await?;
        }
        Ok(())
    }

    /// Leaves several rooms and forgets them.
    ///
    /// # Errors
    ///
    /// As [`close`](Self::close).
    pub async fn close_many<J: JidSelector>(
        &self,
        jids: impl IntoIterator<Item = J>,
    ) -> Result<(), Error> {
        for jid in jids {
            self.close(jid).await?;
        }
        Ok(())
    }

    /// Leaves all rooms and forgets them; chats stay.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if the plugin does not run.
    pub async fn close_all(&self) -> Result<(), Error> {
        for room in self.registry()?.all() {
            self.api.bus().call(CloseRoom { room }).await?;
        }
        Ok(())
    }

    async fn open_as(
        &self,
        call: &'static str,
        jid: impl JidSelector,
        options: RoomOptions,
    ) -> Result<Room, Error> {
        let jid = jid.bare(call)?;
        if jid.node().is_none() {
            return Err(MucError::NoRoom { call, jid }.into());
        }
        let opened = self.api.bus().call(OpenRoom { jid, options }).await??;
        Ok(Room::new(&self.api, opened))
    }

    fn registry(&self) -> Result<Arc<Registry>, Error> {
        let provided = self.api.require::<Arc<Registry>>("converse-muc")?;
        Ok(Arc::clone(&provided))
    }
}

/// How long a room may take to let somebody in.
pub(crate) fn patience(api: &Api) -> Result<std::time::Duration, Error> {
    use converse_core::settings::keys::IQ_TIMEOUT;
    let seconds = api.settings().read(&IQ_TIMEOUT).map_err(|error| {
        Error::new(ErrorKind::Config, "the setting `iq_timeout` cannot be read").with_source(error)
    })?;
    Ok(std::time::Duration::from_secs(seconds))
}
