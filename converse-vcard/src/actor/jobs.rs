//! What a fetch does: a few requests in a row, in a task of its own.

use converse_core::api::Api;
use converse_core::pubsub::Items;
use converse_core::router::{Condition, StanzaError};
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use crate::message::What;
use crate::model::{Announced, Avatar, ImageError, Metadata, VCard};
use crate::{ns, wire};

/// A fetch.
pub(crate) struct Job {
    pub(super) api: Api,
    pub(super) jid: BareJid,
    /// What they had said about their avatar when it began.
    pub(super) announced: Announced,
}

/// What came of it.
pub(crate) enum Outcome {
    Card(VCard),
    Nick(Option<String>),
    Avatar {
        picture: Picture,
        /// The vCard, if it was looked at.
        card: Option<VCard>,
        /// What the node says, if it was asked.
        metadata: Option<Option<Metadata>>,
    },
}

/// A picture that was looked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    Is(Avatar),
    None,
    /// The one of this hash is not there, or may not be shown.
    Refused(String),
}

impl Job {
    pub(super) async fn run(&self, what: What) -> Result<Outcome, Error> {
        match what {
            What::Card => self.card().await.map(Outcome::Card),
            What::Nick => self.nick().await.map(Outcome::Nick),
            What::Avatar => self.avatar().await,
        }
    }

    /// The vCard of either kind.
    async fn card(&self) -> Result<VCard, Error> {
        let card = self.usual_card().await?;
        if !card.is_empty() {
            return Ok(card);
        }
        let items = self.items(ns::VCARD4_NODE, Items::newest(1)).await?;
        let payload = items.last().and_then(|item| item.payload.as_ref());
        Ok(payload
            .and_then(|payload| wire::vcard4(payload.view()))
            .unwrap_or(card))
    }

    /// The vCard of the usual kind (XEP-0054 §3.3).
    pub(super) async fn usual_card(&self) -> Result<VCard, Error> {
        let own = self.api.session().bare_jid();
        let other = Some(&self.jid).filter(|jid| own.as_ref() != Some(jid));
        match self.api.iq(wire::get(other)).await {
            Ok(answer) => Ok(wire::card(answer.root())),
            Err(error) if is_missing(&error) => Ok(VCard::new()),
            Err(error) => Err(error),
        }
    }

    async fn nick(&self) -> Result<Option<String>, Error> {
        let items = self.items(ns::NICK, Items::newest(1)).await?;
        Ok(items.last().and_then(wire::nick_of))
    }

    async fn avatar(&self) -> Result<Outcome, Error> {
        let is_unknown = self.announced == Announced::default();
        let metadata = if is_unknown {
            self.metadata().await?
        } else {
            self.announced.metadata.clone()
        };
        let of_node = metadata.as_ref().and_then(Option::as_ref);
        if let Some(Metadata { hash, id }) = of_node
            && let Some(text) = self.data(id).await?
        {
            let picture = Avatar::from_base64(&text).and_then(|it| it.expect_hash(hash));
            return Ok(Outcome::Avatar {
                picture: self.judged(picture.map(Some), Some(hash)),
                card: None,
                metadata,
            });
        }
        let card = self.usual_card().await?;
        let announced = of_node
            .map(|metadata| metadata.hash.as_str())
            .or(self.announced.hash());
        let picture = card.photo().and_then(|photo| match (photo, announced) {
            (Some(photo), Some(hash)) => photo.expect_hash(hash).map(Some),
            (photo, _) => Ok(photo),
        });
        Ok(Outcome::Avatar {
            picture: self.judged(picture, announced),
            card: Some(card),
            metadata,
        })
    }

    /// One bad picture costs only itself.
    fn judged(&self, picture: Result<Option<Avatar>, ImageError>, hash: Option<&str>) -> Picture {
        match (picture, hash) {
            (Ok(Some(avatar)), _) => Picture::Is(avatar),
            (Ok(None), None) => Picture::None,
            (Ok(None), Some(hash)) => {
                tracing::debug!(jid = %self.jid, "an avatar was announced that is not there");
                Picture::Refused(hash.to_owned())
            }
            (Err(error), hash) => {
                tracing::warn!(jid = %self.jid, %error, "an avatar is refused");
                hash.map_or(Picture::None, |hash| Picture::Refused(hash.to_owned()))
            }
        }
    }

    /// What the node says the avatar is, if there is such a node.
    async fn metadata(&self) -> Result<Option<Option<Metadata>>, Error> {
        let items = self.items(ns::AVATAR_METADATA, Items::newest(1)).await?;
        let metadata = items.last().map(wire::metadata_of).transpose();
        Ok(metadata.unwrap_or_else(|reason| {
            tracing::warn!(jid = %self.jid, reason, "an avatar is refused");
            Some(None)
        }))
    }

    async fn data(&self, id: &str) -> Result<Option<String>, Error> {
        let items = self.items(ns::AVATAR_DATA, Items::ids([id])).await?;
        let item = items.iter().find(|item| item.id == id);
        Ok(item.and_then(wire::data_of))
    }

    /// The items of a node; none if the node may not be read.
    async fn items(
        &self,
        node: &str,
        which: Items,
    ) -> Result<Vec<converse_core::pubsub::Item>, Error> {
        match self.api.pubsub().items(&self.jid, node, which).await {
            Err(error)
                if matches!(error.kind(), ErrorKind::Stanza | ErrorKind::InvalidResponse) =>
            {
                Ok(Vec::new())
            }
            items => items,
        }
    }
}

/// Whether an error says that there is no vCard.
pub(super) fn is_missing(error: &Error) -> bool {
    let cause = error.cause::<StanzaError>();
    cause.is_some_and(|cause| {
        matches!(
            cause.condition,
            Condition::ItemNotFound | Condition::ServiceUnavailable
        )
    })
}
