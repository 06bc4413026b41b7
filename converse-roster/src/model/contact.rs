//! A contact as everybody reads it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use converse_core::contract::Subscription;
use jid::BareJid;
use serde::{Deserialize, Serialize};

use super::item::{Ask, RosterItem};
use super::presence::{ChatStatus, Resource};

/// How many resources of a contact are kept; of more, the least important are forgotten.
const MAX_RESOURCES: usize = 64;

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
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            id: &'a BareJid,
            user_id: &'a str,
            #[serde(flatten)]
            attributes: &'a Attributes,
        }
        let shown = Shown {
            id: self.id(),
            user_id: self.user_id(),
            attributes: &self.0,
        };
        shown.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Contact {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Attributes::deserialize(deserializer).map(|attributes| Self(Arc::new(attributes)))
    }
}

/// The attributes of a [`Contact`] that the 3.2 document names, besides [`id`](Contact::id) and
/// [`user_id`](Contact::user_id).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attributes {
    /// The contact's address.
    pub jid: BareJid,
    /// The name the user gave, else the address.
    pub fullname: String,
    /// Set while the contact has not answered the user's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// Whether the contact has asked to see the user's presence and waits for an answer.
    #[serde(default)]
    pub requesting: bool,
    /// Who sees whose presence.
    #[serde(default)]
    pub subscription: Subscription,
    /// The status of the resource that counts: the one of the highest priority, among equals the newest.
    #[serde(default)]
    pub chat_status: ChatStatus,
    /// The status text of that resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The contact's clients that are there, by their resource; at most 64.
    #[serde(default)]
    pub resources: BTreeMap<String, Resource>,
    /// The groups the user put the contact into.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The media type of [`image`](Self::image); known once a vCard was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_type: Option<String>,
    /// The contact's picture in Base64; known once a vCard was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The contact's web page; known once a vCard was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the vCard was fetched last (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vcard_updated: Option<String>,
}

impl Contact {
    pub(crate) fn new(jid: BareJid) -> Self {
        Self(Arc::new(Attributes {
            fullname: jid.to_string(),
            jid,
            ask: None,
            requesting: false,
            subscription: Subscription::None,
            chat_status: ChatStatus::Offline,
            status: None,
            resources: BTreeMap::new(),
            groups: Vec::new(),
            image_type: None,
            image: None,
            url: None,
            vcard_updated: None,
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

    /// Whether any of the contact's clients is there.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.0.chat_status.is_available()
    }
}

impl Attributes {
    /// Takes over what the roster says; presence stays as it is.
    pub(crate) fn apply(&mut self, item: RosterItem) {
        self.fullname = item
            .name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| self.jid.to_string());
        self.subscription = item.subscription;
        self.ask = item.ask;
        self.groups = item.groups;
        if self.subscription.is_seen() {
            self.requesting = false;
        }
    }

    /// A resource is there, or says something new.
    pub(crate) fn arrive(&mut self, name: &str, resource: Resource) {
        if self.resources.len() >= MAX_RESOURCES && !self.resources.contains_key(name) {
            let ranked = self.resources.iter();
            let least = ranked.min_by_key(|(_, resource)| resource.rank());
            if let Some(name) = least.map(|(name, _)| name.clone()) {
                self.resources.remove(&name);
            }
        }
        self.resources.insert(name.to_owned(), resource);
        self.decide(None);
    }

    /// A resource is gone; without a name, all of them are. `status` is what it said as it went.
    pub(crate) fn leave(&mut self, name: Option<&str>, status: Option<String>) {
        match name {
            Some(name) => drop(self.resources.remove(name)),
            None => self.resources.clear(),
        }
        self.decide(status);
    }

    fn decide(&mut self, last_words: Option<String>) {
        let counts = self.resources.values().max_by_key(|it| it.rank());
        (self.chat_status, self.status) = match counts {
            Some(resource) => (resource.chat_status, resource.status.clone()),
            None => (ChatStatus::Offline, last_words),
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn contact() -> Contact {
        Contact::new("otto@heron.example".parse().unwrap())
    }

    fn resource(priority: i8, chat_status: ChatStatus, seconds: i64, order: u64) -> Resource {
        Resource {
            priority,
            chat_status,
            status: None,
            since: chrono::DateTime::from_timestamp(seconds, 0).unwrap(),
            order,
        }
    }

    #[test]
    fn the_highest_priority_counts_then_the_newest() {
        let mut contact = contact();
        let it = contact.change();
        it.arrive("a", resource(0, ChatStatus::Away, 10, 1));
        it.arrive("b", resource(0, ChatStatus::Dnd, 5, 2));
        assert_eq!(it.chat_status, ChatStatus::Away);
        it.arrive("b", resource(0, ChatStatus::Dnd, 10, 3));
        assert_eq!(it.chat_status, ChatStatus::Dnd);
        it.arrive("c", resource(1, ChatStatus::Online, 1, 4));
        assert_eq!(it.chat_status, ChatStatus::Online);
        it.arrive("d", resource(-1, ChatStatus::Chat, 99, 5));
        assert_eq!(it.chat_status, ChatStatus::Online);
        it.leave(Some("c"), Some("bye".to_owned()));
        assert_eq!(it.chat_status, ChatStatus::Dnd);
        assert_eq!(it.status, None);
        it.leave(None, Some("good night".to_owned()));
        assert_eq!(it.chat_status, ChatStatus::Offline);
        assert_eq!(it.status.as_deref(), Some("good night"));
    }

    #[test]
    fn resources_are_bounded_and_the_important_ones_stay() {
        let mut contact = contact();
        let it = contact.change();
        it.arrive("important", resource(5, ChatStatus::Dnd, 0, 0));
        for n in 1..10_000_u64 {
            it.arrive(&format!("r{n}"), resource(0, ChatStatus::Online, 0, n));
        }
        assert_eq!(it.resources.len(), MAX_RESOURCES);
        assert!(it.resources.contains_key("important"));
        assert!(it.resources.contains_key("r9999"));
        assert_eq!(it.chat_status, ChatStatus::Dnd);
    }

    #[test]
    fn a_snapshot_does_not_change() {
        let mut contact = contact();
        let before = contact.clone();
        contact.change().fullname = "Otto".to_owned();
        assert_eq!(before.fullname, "otto@heron.example");
        assert_eq!(contact.fullname, "Otto");
    }

    #[test]
    fn every_documented_attribute_has_its_name() {
        let mut contact = contact();
        let it = contact.change();
        it.ask = Some(Ask::Subscribe);
        it.status = Some("rowing".to_owned());
        for field in [
            &mut it.image,
            &mut it.image_type,
            &mut it.url,
            &mut it.vcard_updated,
        ] {
            *field = Some("x".to_owned());
        }
        let value = serde_json::to_value(&contact).unwrap();
        let documented = [
            "ask",
            "fullname",
            "jid",
            "requesting",
            "subscription",
            "id",
            "chat_status",
            "user_id",
            "resources",
            "groups",
            "status",
            "image_type",
            "image",
            "url",
            "vcard_updated",
        ];
        for attribute in documented {
            assert!(value.get(attribute).is_some(), "{attribute}");
        }
        assert_eq!(value["ask"], "subscribe");
        assert_eq!(value["user_id"], "otto");
        assert_eq!(serde_json::from_value::<Contact>(value).unwrap(), contact);
    }
}
