//! A contact as everybody reads it.

#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::contract::{Profile, Subscription};
use jid::BareJid;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ChatStatus;
use super::groups::Groups;
use super::item::{Ask, RosterItem};
use super::presence::{Resource, text};
use super::resources::Resources;

/// A contact: a snapshot that does not change, cheap to clone. Its fields are the [`Attributes`].
///
/// ```
/// use converse_roster::{ChatStatus, Contact};
///
/// let contact: Contact = serde_json::from_str(
///     r#"{ "jid": "romeo@montague.example", "fullname": "Romeo", "chat_status": "busy" }"#,
/// )?;
/// assert_eq!(contact.fullname, "Romeo");
/// assert_eq!(contact.chat_status, ChatStatus::Dnd);
/// assert_eq!(serde_json::to_value(&contact)?["id"], "romeo@montague.example");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact(Arc<Attributes>);

impl Deref for Contact {
    type Target = Attributes;

    fn deref(&self) -> &Attributes {
        &self.0
    }
}

impl Serialize for Contact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            id: &'a BareJid,
            user_id: &'a str,
            #[serde(flatten)]
            attributes: &'a Attributes,
            #[serde(flatten)]
            vcard: Option<Vcard>,
        }
        let shown = Shown {
            id: self.id(),
            user_id: self.user_id(),
            attributes: &self.0,
            vcard: self.0.profile.as_deref().map(Vcard::of),
        };
        shown.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Contact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Read {
            #[serde(flatten)]
            attributes: Attributes,
            #[serde(flatten)]
            vcard: Vcard,
        }
        let Read { attributes, vcard } = Read::deserialize(deserializer)?;
        let profile = vcard.profile().map(Arc::new);
        Ok(Self(Arc::new(Attributes {
            profile,
            ..attributes
        })))
    }
}

/// The attributes that come from a vCard, by the names of the 3.2 document.
#[derive(Serialize, Deserialize)]
struct Vcard {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vcard_updated: Option<Updated>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Updated(#[serde(with = "converse_core::contract::rfc3339")] DateTime<Utc>);

impl Vcard {
    fn of(profile: &Profile) -> Self {
        Self {
            image: profile.image.clone(),
            image_type: profile.image_type.clone(),
            url: profile.url.clone(),
            vcard_updated: Some(Updated(profile.updated)),
        }
    }

    fn profile(self) -> Option<Profile> {
        let mut profile = Profile::new(self.vcard_updated?.0);
        profile.image = self.image;
        profile.image_type = self.image_type;
        profile.url = self.url;
        Some(profile)
    }
}

/// The attributes of a [`Contact`] that the 3.2 document names, besides [`id`](Contact::id) and
/// [`user_id`](Contact::user_id).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attributes {
    /// The contact's address.
    pub jid: BareJid,
    /// The name the user gave; without one what the contact calls themselves, else the address.
    pub fullname: String,
    /// Set while the contact has not answered the user's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// Whether the contact has asked to see the user's presence and waits for an answer.
    #[serde(default)]
    pub requesting: bool,
    /// Whether the user has agreed to a request that the contact has not made yet (RFC 6121 §3.4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// Who sees whose presence.
    #[serde(default)]
    pub subscription: Subscription,
    /// The status of the resource that counts: the one of the highest priority, among equals the newest.
    #[serde(default)]
    pub chat_status: ChatStatus,
    /// The status text of that resource.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "text")]
    pub status: Option<Arc<str>>,
    /// The contact's clients that are there, by their resource; at most 64.
    #[serde(default)]
    pub resources: Resources,
    /// The groups the user put the contact into.
    #[serde(default)]
    pub groups: Groups,
    /// What the contact says about themselves; [`image`](Self::image) and the like read it.
    #[serde(skip)]
    pub(crate) profile: Option<Arc<Profile>>,
    /// The user has given them a name.
    #[serde(skip)]
    pub(crate) is_named: bool,
}

impl Contact {
    pub(crate) fn new(jid: BareJid) -> Self {
        Self(Arc::new(Attributes {
            fullname: jid.to_string(),
            jid,
            ask: None,
            requesting: false,
            approved: false,
            subscription: Subscription::None,
            chat_status: ChatStatus::Offline,
            status: None,
            resources: Resources::default(),
            groups: Groups::default(),
            profile: None,
            is_named: false,
        }))
    }

    /// The attributes to change; whoever holds a snapshot keeps the old ones.
    pub(crate) fn change(&mut self) -> &mut Attributes {
        Arc::make_mut(&mut self.0)
    }

    /// What tells contacts apart: the address.
    #[must_use]
    pub fn id(&self) -> &BareJid {
        &self.0.jid
    }

    /// The part of the address before the `@`; the domain where there is none.
    #[must_use]
    pub fn user_id(&self) -> &str {
        let jid = &self.0.jid;
        jid.node()
            .map_or_else(|| jid.domain().as_str(), |node| node.as_str())
    }
}

impl Attributes {
    /// Whether any of the contact's clients is there.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.chat_status.is_available()
    }

    /// The name the user gave; `None` where [`fullname`](Self::fullname) is what the contact calls themselves or the address.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        Some(self.fullname.as_str()).filter(|_| self.is_named)
    }

    /// The contact's picture in Base64; known once their vCard or avatar was fetched. The newest 64 MiB of all contacts' pictures
    /// are kept; of more, the oldest are unknown again.
    #[must_use]
    pub fn image(&self) -> Option<&str> {
        self.profile.as_ref()?.image.as_deref()
    }

    /// The media type of [`image`](Self::image).
    #[must_use]
    pub fn image_type(&self) -> Option<&str> {
        self.profile.as_ref()?.image_type.as_deref()
    }

    /// The contact's web page; known once their vCard was fetched.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.profile.as_ref()?.url.as_deref()
    }

    /// When vCard or avatar were fetched last.
    #[must_use]
    pub fn vcard_updated(&self) -> Option<DateTime<Utc>> {
        self.profile.as_ref().map(|profile| profile.updated)
    }

    /// Takes over what the roster says; presence stays as it is.
    pub(crate) fn apply(&mut self, item: RosterItem, groups: Groups) {
        let name = item.name.filter(|name| !name.is_empty());
        self.is_named = name.is_some();
        self.fullname = name.unwrap_or_else(|| self.own_name());
        self.subscription = item.subscription;
        self.ask = item.ask;
        self.approved = item.approved;
        self.groups = groups;
        if self.subscription.is_seen() {
            self.requesting = false;
        }
    }

    /// Whether the roster says nothing else than what is known.
    pub(crate) fn is_as(&self, item: &RosterItem) -> bool {
        let name = item.name.as_deref().filter(|name| !name.is_empty());
        self.name() == name
            && self.subscription == item.subscription
            && self.ask == item.ask
            && self.approved == item.approved
            && *self.groups == item.groups[..]
            && !(self.requesting && item.subscription.is_seen())
    }

    /// Takes over what the contact says about themselves; a name that the user gave stays.
    pub(crate) fn introduce(&mut self, profile: Arc<Profile>) {
        self.profile = Some(profile);
        if !self.is_named {
            self.fullname = self.own_name();
        }
    }

    /// What the contact is called where the user has given no name.
    fn own_name(&self) -> String {
        let profile = self.profile.as_ref();
        let names = profile.map(|profile| [&profile.fullname, &profile.nickname]);
        let mut names = names.into_iter().flatten().flatten();
        let name = names.find(|name| !name.trim().is_empty());
        name.cloned().unwrap_or_else(|| self.jid.to_string())
    }

    /// A resource is there, or says something new.
    pub(crate) fn arrive(&mut self, name: &str, resource: Resource) {
        self.resources.put(name, resource);
        self.decide(None);
    }

    /// A resource is gone; without a name, all of them are. `status` is what it said as it went.
    pub(crate) fn leave(&mut self, name: Option<&str>, status: Option<Arc<str>>) {
        match name {
            Some(name) => drop(self.resources.remove(name)),
            None => self.resources.clear(),
        }
        self.decide(status);
    }

    fn decide(&mut self, last_words: Option<Arc<str>>) {
        (self.chat_status, self.status) = match self.resources.best() {
            Some((_, resource)) => (resource.chat_status, resource.status.clone()),
            None => (ChatStatus::Offline, last_words),
        };
    }
}
