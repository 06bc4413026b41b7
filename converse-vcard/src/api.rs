//! What an application calls.

mod publishing;

use std::sync::Arc;

use converse_core::api::{Api, JidSelector};
use converse_core::contract::Profile;
use converse_core::{Error, ErrorKind};
use jid::BareJid;
use tokio::sync::Mutex;

use crate::actor::Own;
use crate::message::{Fetch, Found, What};
use crate::model::{Avatar, OwnPhoto, Table, VCard};

const PLUGIN: &str = "converse-vcard";

/// What the plugin and its handles share.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    pub(crate) table: Arc<Table>,
    pub(crate) photo: Arc<OwnPhoto>,
    pub(crate) own: Own,
    /// Held while the own vCard or avatar is replaced, which takes several requests.
    publishing: Arc<Mutex<()>>,
}

/// Adds the **vcard** grouping to [`Api`].
pub trait VCardExt {
    /// What people say about themselves.
    fn vcard(&self) -> VCards;
}

impl VCardExt for Api {
    fn vcard(&self) -> VCards {
        VCards { api: self.clone() }
    }
}

/// What people say about themselves, the user too: vCards, avatars, nicknames.
///
/// One request at most is on its way for the same thing of the same person, however often it is asked for.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_vcard::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! {}).await?;
/// assert!(api.vcard().known("juliet@capulet.example")?.is_none());
/// let error = api.vcard().get("juliet@capulet.example").await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Disconnected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct VCards {
    api: Api,
}

impl VCards {
    /// Somebody's vCard; an empty one if they have none. It is without its picture, which [`avatar`](Self::avatar) gives.
    ///
    /// One that was fetched within a day is not fetched again; the own one always is, and has its picture. Who has no vCard of
    /// the usual kind is asked for one of version 4 (XEP-0292).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not a JID, and those of [`Api::iq`].
    pub async fn get(&self, jid: impl JidSelector) -> Result<VCard, Error> {
        let jid = jid.bare("vcard.get")?;
        let is_own = self.api.session().bare_jid().as_ref() == Some(&jid);
        let mut card = self.card(jid, false).await?;
        if !is_own {
            card.set_photo(None)?;
        }
        Ok(card)
    }

    /// The same, fetched in any case, and with its picture.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn fetch(&self, jid: impl JidSelector) -> Result<VCard, Error> {
        self.card(jid.bare("vcard.fetch")?, true).await
    }

    /// Somebody's avatar, if they have one.
    ///
    /// It comes from the node of their account (XEP-0084), or if there is none, from their vCard. A picture that is
    /// too large, in an unknown format, or other than the one that was announced is none. What they have announced is fetched
    /// once.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn avatar(&self, jid: impl JidSelector) -> Result<Option<Avatar>, Error> {
        let jid = jid.bare("vcard.avatar")?;
        let shared = self.shared()?;
        let known = shared.table.get(&jid);
        if let Some(avatar) = known.as_ref().and_then(|it| it.certain_avatar()) {
            return Ok(avatar.cloned());
        }
        match self.wanted(jid, What::Avatar, false).await? {
            Found::Avatar(avatar) => Ok(avatar),
            _ => Err(mistaken()),
        }
    }

    /// The name somebody wants to be called by (XEP-0172), or that of their vCard.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn nickname(&self, jid: impl JidSelector) -> Result<Option<String>, Error> {
        let jid = jid.bare("vcard.nickname")?;
        match self.wanted(jid.clone(), What::Nick, false).await? {
            Found::Nick(Some(nick)) => Ok(Some(nick)),
            _ => Ok(self.card(jid, false).await?.nickname()),
        }
    }

    /// What is known of somebody without asking anybody: what was fetched or announced in this session.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not a JID, [`ErrorKind::Unsupported`] when the plugin does not run.
    pub fn known(&self, jid: impl JidSelector) -> Result<Option<Profile>, Error> {
        let jid = jid.bare("vcard.known")?;
        let known = self.shared()?.table.get(&jid);
        let now = self.api.environment().clock.now();
        Ok(known.map(|known| known.profile(now)))
    }

    fn shared(&self) -> Result<Arc<Shared>, Error> {
        self.api.require(PLUGIN)
    }

    async fn card(&self, jid: BareJid, anew: bool) -> Result<VCard, Error> {
        match self.wanted(jid, What::Card, anew).await? {
            Found::Card(card) => Ok(VCard::clone(&card)),
            _ => Err(mistaken()),
        }
    }

    async fn wanted(&self, jid: BareJid, what: What, anew: bool) -> Result<Found, Error> {
        self.shared()?;
        let found = self.api.bus().call(Fetch { jid, what, anew }).await?;
        found.await.unwrap_or_else(|_| {
            let gone = "the instance has been torn down";
            Err(Error::new(ErrorKind::Closed, gone))
        })
    }
}

fn mistaken() -> Error {
    Error::new(
        ErrorKind::Plugin,
        "something else was found than was asked for",
    )
}
