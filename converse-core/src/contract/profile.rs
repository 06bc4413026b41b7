//! What somebody says about themselves: name, picture, web page.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_macros::Event;
use jid::BareJid;
use serde::{Deserialize, Serialize};

/// What is known of a person beyond the roster: the parts of a vCard (XEP-0054) and of an avatar (XEP-0084, XEP-0153) that
/// other groupings show.
///
/// Texts are bounded and addresses of web pages are `http`, `https` or `xmpp` ones; a picture's hash has been checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    /// The full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fullname: Option<String>,
    /// The name they want to be called by (XEP-0172, or that of the vCard).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// Their web page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Their mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The picture in Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The media type of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_type: Option<String>,
    /// The SHA-1 of the picture's bytes, in lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_hash: Option<String>,
    /// When this was learned.
    #[serde(with = "super::rfc3339")]
    pub updated: DateTime<Utc>,
}

impl Profile {
    /// A profile of which nothing is known at the time `updated`.
    #[must_use]
    pub fn new(updated: DateTime<Utc>) -> Self {
        Self {
            fullname: None,
            nickname: None,
            url: None,
            email: None,
            image: None,
            image_type: None,
            image_hash: None,
            updated,
        }
    }
}

/// Something new is known of a person: vCard, picture or nickname.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "vcardUpdated")]
#[non_exhaustive]
pub struct ProfileChanged {
    /// Whose profile.
    pub jid: BareJid,
    /// All that is known now.
    #[serde(flatten, serialize_with = "shared")]
    pub profile: Arc<Profile>,
}

impl ProfileChanged {
    /// The profile of `jid` is `profile` now.
    #[must_use]
    pub fn new(jid: BareJid, profile: Arc<Profile>) -> Self {
        Self { jid, profile }
    }
}

fn shared<S: serde::Serializer>(profile: &Arc<Profile>, serializer: S) -> Result<S::Ok, S::Error> {
    profile.as_ref().serialize(serializer)
}
