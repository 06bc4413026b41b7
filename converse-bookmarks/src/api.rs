//! What an application calls.

mod changing;

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, JidSelector};
use converse_core::contract::RoomDirectory;
use converse_core::view::{Publisher, View};

use crate::actor::Support;
use crate::error::BookmarkError;
use crate::model::{Bookmark, Table};
use crate::settings::HIDE_OPEN_BOOKMARKS;

const PLUGIN: &str = "converse-bookmarks";

/// What the plugin and its handles share.
pub(crate) struct Shared {
    table: Arc<Table>,
    support: Support,
    /// Held while bookmarks are changed, which takes several requests.
    changing: tokio::sync::Mutex<()>,
}

impl Shared {
    pub(crate) fn new(table: Arc<Table>, support: Support) -> Self {
        Self {
            table,
            support,
            changing: tokio::sync::Mutex::default(),
        }
    }
}

/// Adds the **bookmarks** grouping to [`Api`].
pub trait BookmarksExt {
    /// The rooms that the user has put down.
    fn bookmarks(&self) -> Bookmarks;
}

impl BookmarksExt for Api {
    fn bookmarks(&self) -> Bookmarks {
        Bookmarks { api: self.clone() }
    }
}

/// The rooms that the user has put down, at most 10,000; reading them takes no round trip.
///
/// There are none until they have come from the server: the promise `bookmarksInitialized` says when.
///
/// ```
/// use converse_bookmarks::prelude::*;
/// use converse_core::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! {}).await?;
/// assert!(api.bookmarks().all().is_empty());
/// assert!(api.bookmarks().get("theplay@conference.shakespeare.example")?.is_none());
/// let error = api.bookmarks().remove("theplay@conference.shakespeare.example").await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Disconnected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Bookmarks {
    api: Api,
}

impl Bookmarks {
    /// All of them, sorted by address; none if the plugin does not run.
    #[must_use]
    pub fn all(&self) -> Vec<Bookmark> {
        self.shared()
            .map(|shared| shared.table.all())
            .unwrap_or_default()
    }

    /// Those to show in a list: with the setting `hide_open_bookmarks`, not those of rooms in which the user is already.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the plugin does not run,
    /// [`ErrorKind::Config`](converse_core::ErrorKind::Config) when the setting cannot be read.
    ///
    /// ```
    /// # use converse_bookmarks::prelude::*;
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! { "hide_open_bookmarks": true }).await?;
    /// assert!(api.bookmarks().shown()?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn shown(&self) -> Result<Vec<Bookmark>, Error> {
        let mut all = self.shared()?.table.all();
        let hides = self.api.settings().read(&HIDE_OPEN_BOOKMARKS)?;
        let rooms = self.api.provided::<RoomDirectory>();
        if let Some(rooms) = rooms.filter(|_| hides) {
            all.retain(|bookmark| !rooms.contains(&bookmark.jid));
        }
        Ok(all)
    }

    /// The bookmark of a room, if there is one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID,
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the plugin does not run.
    pub fn get(&self, jid: impl JidSelector) -> Result<Option<Bookmark>, Error> {
        let jid = jid.bare("bookmarks.get")?;
        Ok(self.shared()?.table.get(&jid))
    }

    /// The bookmarks as they are now, sorted by address, and each change from now on.
    ///
    /// If the plugin does not run there are none, and the view ends at once.
    ///
    /// ```no_run
    /// # use converse_bookmarks::prelude::*;
    /// # use converse_core::prelude::*;
    /// # async fn example(api: Api) {
    /// let mut bookmarks = api.bookmarks().subscribe();
    /// let mut shown = bookmarks.snapshot().to_vec();
    /// while let Some(diff) = bookmarks.next().await {
    ///     diff.apply(&mut shown).ok();
    ///     println!("{} bookmarks", shown.len());
    /// }
    /// # }
    /// ```
    pub fn subscribe(&self) -> View<Bookmark> {
        match self.shared() {
            Ok(shared) => shared.table.follow(),
            Err(_) => Publisher::new().follow(Vec::new),
        }
    }

    /// Whether the server keeps bookmarks where others cannot read them; waits until that is known in this session.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a session.
    pub async fn is_supported(&self) -> Result<bool, Error> {
        let shared = self.shared()?;
        match shared.support.require("bookmarks.is_supported").await {
            Ok(_) => Ok(true),
            Err(BookmarkError::Unsupported { .. } | BookmarkError::NotAllowed { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn shared(&self) -> Result<Arc<Shared>, Error> {
        self.api.require(PLUGIN)
    }
}
