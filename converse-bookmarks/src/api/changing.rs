//! Changing bookmarks: read what is there, change it, write it back.

mod steps;

use converse_core::Error;
use converse_core::api::JidSelector;
use jid::BareJid;

use super::{Bookmarks, Shared};
use crate::error::BookmarkError;
use crate::model::Bookmark;
use crate::wire::{self, MAX_BOOKMARKS};

use steps::Changing;

impl Bookmarks {
    /// Puts a room down, or changes what is said of it. What `bookmark` does not say stays as it is: name, nick, password and what other
    /// clients have added. To take something away, use [`update`](Self::update). Gives the bookmark as it is now.
    ///
    /// Neither this nor [`update`](Self::update) enters or leaves the room here; the user's other clients do as the bookmark says.
    ///
    /// It is written only where the server keeps it from others (XEP-0223), and into the list of older clients (XEP-0048) unless the server
    /// does that; what else is in there stays. It returns when the server has agreed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for what is no room;
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the server has no place for it, there are 10,000 already, the
    /// setting `allow_bookmarks` is off, or the plugin does not run;
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) when what is there cannot be read, and therefore is left
    /// alone; each with a [`BookmarkError`] as its source. And those of [`Api::iq`](converse_core::Api::iq); the places behind the one that
    /// failed are left alone then.
    ///
    /// ```no_run
    /// # use converse_bookmarks::prelude::*;
    /// # async fn example(api: converse_core::Api) -> Result<(), Box<dyn std::error::Error>> {
    /// let play = Bookmark::new("theplay@conference.shakespeare.example".parse()?);
    /// api.bookmarks().set(play.name("The Play's the Thing").nick("JC").autojoin(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set(&self, bookmark: Bookmark) -> Result<Bookmark, Error> {
        const CALL: &str = "bookmarks.set";
        let jid = bookmark.jid.clone();
        if jid.node().is_none() {
            return Err(BookmarkError::NoRoom { call: CALL, jid }.into());
        }
        let shared = self.shared()?;
        let mut change = self.begin(&shared, jid, CALL).await?;
        let is_new = change.stored.is_none();
        if is_new && shared.table.len() >= MAX_BOOKMARKS {
            let most = MAX_BOOKMARKS;
            return Err(BookmarkError::TooMany { call: CALL, most }.into());
        }
        let wanted = wire::as_kept(&bookmark.over(change.stored.take()))?;
        change.write(Some(&wanted)).await?;
        Ok(wanted)
    }

    /// Changes a bookmark; what `change` leaves alone stays. Gives the bookmark as it is now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when there is no bookmark of that room, or it has become one of another room, and as
    /// [`set`](Self::set).
    ///
    /// ```no_run
    /// # use converse_bookmarks::prelude::*;
    /// # async fn example(api: converse_core::Api) -> Result<(), converse_core::Error> {
    /// let play = "theplay@conference.shakespeare.example";
    /// api.bookmarks().update(play, |bookmark| bookmark.autojoin = false).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(
        &self,
        jid: impl JidSelector,
        change: impl FnOnce(&mut Bookmark),
    ) -> Result<Bookmark, Error> {
        const CALL: &str = "bookmarks.update";
        let jid = jid.bare(CALL)?;
        let shared = self.shared()?;
        let mut changing = self.begin(&shared, jid.clone(), CALL).await?;
        let Some(mut wanted) = changing.stored.take() else {
            return Err(BookmarkError::NotFound { call: CALL, jid }.into());
        };
        change(&mut wanted);
        if wanted.jid != jid {
            return Err(BookmarkError::AnotherRoom { call: CALL, jid }.into());
        }
        let wanted = wire::as_kept(&wanted)?;
        changing.write(Some(&wanted)).await?;
        Ok(wanted)
    }

    /// Removes the bookmark of a room; that there is none is no error. The room is not left here.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn remove(&self, jid: impl JidSelector) -> Result<(), Error> {
        const CALL: &str = "bookmarks.remove";
        let jid = jid.bare(CALL)?;
        let shared = self.shared()?;
        let change = self.begin(&shared, jid, CALL).await?;
        change.write(None).await
    }

    /// Reads what there is of a bookmark, in every place; nothing else is changed from here meanwhile.
    async fn begin<'a>(
        &self,
        shared: &'a Shared,
        jid: BareJid,
        call: &'static str,
    ) -> Result<Changing<'a>, Error> {
        let offer = shared.support.require(call).await?;
        let lock = shared.changing.lock().await;
        Changing::read(self.api.clone(), (&shared.table, lock), jid, offer, call).await
    }
}
