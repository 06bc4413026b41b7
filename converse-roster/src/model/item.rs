//! What the server says about a contact.

use converse_core::contract::Subscription;
use jid::BareJid;
use serde::{Deserialize, Serialize};

/// What the user has asked a contact for (RFC 6121 §2.1.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// To see the contact's presence; the contact has not answered.
    Subscribe,
}

/// An item of the roster as the server sent it (RFC 6121 §2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RosterItem {
    /// The contact's address.
    pub jid: BareJid,
    /// The name the user gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who sees whose presence.
    #[serde(default)]
    pub subscription: Subscription,
    /// Set while the contact has not answered the user's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// The user has agreed to a request that the contact has not made yet (RFC 6121 §3.4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// The groups the user put the contact into, each once.
    #[serde(default)]
    pub groups: Vec<String>,
    /// In a push: the contact was removed.
    #[serde(default)]
    pub removed: bool,
}

impl RosterItem {
    /// Somebody of whom the roster says nothing but the address.
    #[must_use]
    pub fn new(jid: BareJid) -> Self {
        Self {
            jid,
            name: None,
            subscription: Subscription::None,
            ask: None,
            approved: false,
            groups: Vec::new(),
            removed: false,
        }
    }
}
