//! Publishing what the user says about himself.

use converse_core::Error;
use converse_core::pubsub::PublishOptions;
use converse_core::xml::XmlError;

use super::VCards;
use crate::error::VCardError;
use crate::message::{Found, Published, Services, What};
use crate::model::{Avatar, VCard};
use crate::{ns, wire};

/// The one item of a node that tells how things are now.
const CURRENT: &str = "current";

impl VCards {
    /// Replaces the own vCard. What is not in `card` is gone: change what [`get`](Self::get) gave for the own address, or use
    /// [`update`](Self::update).
    ///
    /// Contacts learn of another picture through presence (XEP-0153).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a session, and those of
    /// [`Api::iq`](converse_core::Api::iq).
    pub async fn set(&self, card: VCard) -> Result<(), Error> {
        let shared = self.shared()?;
        let _publishing = shared.publishing.lock().await;
        self.replace(card).await
    }

    /// Fetches the own vCard, changes it and publishes it; fields that `change` leaves alone stay, known or not.
    ///
    /// # Errors
    ///
    /// Those of `change`, and as [`set`](Self::set).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_vcard::prelude::*;
    /// # async fn example(api: Api) -> Result<(), converse_core::Error> {
    /// api.vcard().update(|card| card.set_nickname("Ro")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(
        &self,
        change: impl FnOnce(&mut VCard) -> Result<(), XmlError>,
    ) -> Result<(), Error> {
        let shared = self.shared()?;
        let _publishing = shared.publishing.lock().await;
        let mut card = self.own_card("vcard.update").await?;
        change(&mut card)?;
        self.replace(card).await
    }

    /// Publishes the own avatar: `bytes` are a picture of `media_type`, as `image/png`.
    ///
    /// It goes to the node of the account (XEP-0084), which everybody can read, and unless the server does that itself
    /// (XEP-0398), into the vCard (XEP-0153). Where accounts have no nodes it goes into the vCard only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a picture that is empty, larger than
    /// [`MAX_IMAGE_BYTES`](crate::MAX_IMAGE_BYTES), or not of that type, and as [`set`](Self::set).
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_vcard::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let error = api.vcard().set_avatar(b"<svg/>".to_vec(), "image/png").await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_avatar(
        &self,
        bytes: impl Into<Vec<u8>>,
        media_type: &str,
    ) -> Result<(), Error> {
        const CALL: &str = "vcard.set_avatar";
        let avatar = Avatar::new(bytes.into())
            .and_then(|avatar| avatar.expect_type(media_type))
            .map_err(|source| VCardError::Image { call: CALL, source })?;
        self.publish_avatar(Some(avatar), CALL).await
    }

    /// Takes the own avatar away.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn remove_avatar(&self) -> Result<(), Error> {
        self.publish_avatar(None, "vcard.remove_avatar").await
    }

    /// Publishes the name by which the user wants to be called (XEP-0172) for those who see the user's presence; `None` for
    /// none any more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when accounts have no nodes, and those of
    /// [`Pubsub::publish`](converse_core::pubsub::Pubsub::publish).
    pub async fn set_nickname<'a>(&self, nick: impl Into<Option<&'a str>>) -> Result<(), Error> {
        const CALL: &str = "vcard.set_nickname";
        let nick = nick.into().map(str::trim).filter(|nick| !nick.is_empty());
        let shared = self.shared()?;
        let _publishing = shared.publishing.lock().await;
        if !self.services(CALL).await?.pep {
            return Err(VCardError::NoNodes { call: CALL }.into());
        }
        let payload = wire::nick(nick.unwrap_or_default());
        let options = PublishOptions::presence();
        let pubsub = self.api.pubsub();
        pubsub
            .publish(ns::NICK, Some(CURRENT), payload, &options)
            .await?;
        let published = Published::Nick(nick.map(ToOwned::to_owned));
        Ok(self.api.bus().call(published).await?)
    }

    async fn services(&self, call: &'static str) -> Result<Services, Error> {
        Ok(self.shared()?.own.services(call).await?)
    }

    async fn own_card(&self, call: &'static str) -> Result<VCard, Error> {
        let own = self.api.session().bare_jid();
        let own = own.ok_or(VCardError::Offline { call })?;
        match self.wanted(own, What::Card, true).await? {
            Found::Card(card) => Ok(VCard::clone(&card)),
            _ => Err(super::mistaken()),
        }
    }

    async fn replace(&self, card: VCard) -> Result<(), Error> {
        self.api.iq(wire::set(&card)).await?;
        Ok(self.api.bus().call(Published::Card(card)).await?)
    }

    async fn publish_avatar(
        &self,
        avatar: Option<Avatar>,
        call: &'static str,
    ) -> Result<(), Error> {
        let shared = self.shared()?;
        let _publishing = shared.publishing.lock().await;
        let services = self.services(call).await?;
        if services.pep {
            self.publish_to_node(avatar.as_ref()).await?;
        }
        if !services.conversion {
            let mut card = self.own_card(call).await?;
            if avatar.is_some() || !matches!(card.photo(), Ok(None)) {
                card.set_photo(avatar.as_ref())?;
                self.replace(card).await?;
            }
        }
        Ok(self.api.bus().call(Published::Avatar(avatar)).await?)
    }

    /// The picture first, so that whoever hears of it can fetch it (XEP-0084 §3.2).
    async fn publish_to_node(&self, avatar: Option<&Avatar>) -> Result<(), Error> {
        let pubsub = self.api.pubsub();
        let options = PublishOptions::open();
        let id = avatar.map(|avatar| avatar.hash.as_str());
        if let Some(avatar) = avatar {
            let data = wire::data(avatar);
            pubsub.publish(ns::AVATAR_DATA, id, data, &options).await?;
        }
        let metadata = wire::metadata(avatar);
        pubsub
            .publish(ns::AVATAR_METADATA, id, metadata, &options)
            .await
            .map(drop)
    }
}
