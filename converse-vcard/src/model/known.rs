//! What is known of one person.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::contract::Profile;
use converse_core::xml::Element;
use serde::{Deserialize, Serialize};

use super::announced::Announced;
use super::avatar::Avatar;
use super::card::VCard;

/// After how long a vCard is fetched again when it is asked for: nobody tells when one changes.
const LIFETIME: TimeDelta = TimeDelta::hours(24);
/// Bytes of the largest vCard that is kept, without its picture.
const LARGEST_CARD: usize = 64 * 1024;

/// Everything; a snapshot that is cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The vCard without its picture, and when it came.
    pub(crate) card: Option<(Arc<VCard>, DateTime<Utc>)>,
    /// The nickname that the node tells; `Some(None)` if it tells none.
    pub(crate) nick: Option<Option<String>>,
    pub(crate) announced: Announced,
    /// The avatar as it was last seen.
    pub(crate) avatar: Option<Avatar>,
    /// The hash of a picture that was fetched and refused, so that it is not fetched again and again.
    pub(crate) refused: Option<String>,
}

impl Known {
    /// The vCard, unless it is too old.
    pub(crate) fn fresh_card(&self, now: DateTime<Utc>) -> Option<&Arc<VCard>> {
        let (card, came) = self.card.as_ref()?;
        let age = now.signed_duration_since(came);
        (TimeDelta::zero() <= age && age < LIFETIME).then_some(card)
    }

    /// The avatar, if it is certain which one it is: `Some(None)` if it is certain that there is none.
    pub(crate) fn certain_avatar(&self) -> Option<Option<&Avatar>> {
        match (self.announced.hash(), &self.avatar) {
            (Some(hash), Some(avatar)) if avatar.hash == hash => Some(Some(avatar)),
            (Some(hash), _) if self.refused.as_deref() == Some(hash) => Some(None),
            (None, _) if self.announced.is_none() => Some(None),
            _ => None,
        }
    }

    /// Whether an avatar was announced that has not been seen.
    pub(crate) fn wants_avatar(&self) -> bool {
        self.announced.hash().is_some() && self.certain_avatar().is_none()
    }

    /// Takes a vCard that came; its picture is told apart from it.
    pub(crate) fn take_card(&mut self, card: &VCard, now: DateTime<Utc>) {
        let mut card = card.clone();
        if card.set_photo(None).is_ok() && card.size() <= LARGEST_CARD {
            self.card = Some((Arc::new(card), now));
        }
    }

    /// The nickname: that of the node, else that of the vCard.
    pub(crate) fn nickname(&self) -> Option<String> {
        let of_card = || self.card.as_ref()?.0.nickname();
        self.nick.clone().flatten().or_else(of_card)
    }

    /// What other groupings show of it.
    pub(crate) fn profile(&self, now: DateTime<Utc>) -> Profile {
        let mut profile = Profile::new(self.card.as_ref().map_or(now, |(_, came)| *came));
        if let Some((card, _)) = &self.card {
            profile.fullname = card.fullname();
            profile.url = card.url();
            profile.email = card.email();
        }
        profile.nickname = self.nickname();
        // An avatar that is not the announced one any more is shown until the new one is there.
        let gone = self.announced.is_none();
        if let Some(avatar) = self.avatar.as_ref().filter(|_| !gone) {
            profile.image = Some(avatar.to_base64());
            profile.image_type = Some(avatar.type_.as_str().to_owned());
            profile.image_hash = Some(avatar.hash.clone());
        }
        profile
    }

    /// Bytes it takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        let card = self.card.as_ref().map_or(0, |(card, _)| card.size());
        let picture = self.avatar.as_ref().map_or(0, |it| it.bytes.len());
        512 + card + picture
    }

    /// What is kept of it between runs; the picture is kept apart.
    pub(crate) fn to_kept(&self) -> Kept {
        let card = self.card.as_ref().filter(|(card, _)| !card.is_empty());
        let text = card.and_then(|(card, _)| Some(card.element().build().ok()?.to_xml()));
        Kept {
            came: card.map(|(_, came)| came.timestamp()),
            card: text,
            nick: self.nick.clone().flatten(),
            announced: self.announced.clone(),
            avatar: self.avatar.as_ref().map(|avatar| avatar.hash.clone()),
        }
    }

    /// What was kept, with its picture.
    pub(crate) fn from_kept(kept: Kept, avatar: Option<Avatar>) -> Self {
        let card = kept.card.as_deref().and_then(|text| {
            let element = Element::parse(text).ok()?;
            let came = DateTime::from_timestamp(kept.came?, 0)?;
            Some((Arc::new(VCard::from_element(element.view())?), came))
        });
        Self {
            card,
            nick: kept.nick.map(Some),
            announced: kept.announced,
            avatar,
            refused: None,
        }
    }
}

/// A person in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card: Option<String>,
    /// When the vCard came, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    came: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nick: Option<String>,
    #[serde(default)]
    announced: Announced,
    /// The hash of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) avatar: Option<String>,
}
