//! What the roster announces. Names and payloads by name are those of converse.js 3.2.

use converse_core::bus::{Event, Request};
use jid::BareJid;
use serde::Serialize;

use crate::model::{Contact, RosterItem};

pub use converse_core::contract::RosterContactsFetched;

/// The roster of a first session is about to be fetched; there are no contacts yet.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "rosterInitialized", promise)]
#[non_exhaustive]
pub struct RosterInitialized {}

/// The same after a reconnection: the roster is about to be fetched again, the contacts of before are still there.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "rosterReadyAfterReconnection")]
#[non_exhaustive]
pub struct RosterReadyAfterReconnection {}

/// The contacts of before are there, from the store if need be, while the server is asked whether they have changed
/// (RFC 6121 §2.6); [`Roster`] comes when it has answered.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "cachedRoster", promise)]
#[serde(transparent)]
#[non_exhaustive]
pub struct CachedRoster {
    /// The contacts.
    pub items: Vec<Contact>,
}

/// The groups of the contacts are known.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "rosterGroupsFetched", promise)]
#[serde(transparent)]
#[non_exhaustive]
pub struct RosterGroupsFetched {
    /// The groups, sorted, each once.
    pub groups: Vec<String>,
}

/// The contacts are those that the server has: it sent them, or confirmed those of before.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "roster", promise)]
#[serde(transparent)]
#[non_exhaustive]
pub struct Roster {
    /// The contacts; where the server sent them, in its order.
    pub items: Vec<Contact>,
}

/// The roster did not come in this session: the server refused, or did not answer in time.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "rosterFetchFailed")]
#[non_exhaustive]
pub struct RosterFetchFailed {
    /// Why, for people.
    pub reason: String,
}

/// The server tells of a change of the roster (RFC 6121 §2.1.6).
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "rosterPush")]
#[serde(transparent)]
#[non_exhaustive]
pub struct RosterPush {
    /// What changed.
    pub items: Vec<RosterItem>,
}

macro_rules! about_a_contact {
    ($($(#[$doc:meta])* $event:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Event)]
        #[event(name = $name)]
        #[serde(transparent)]
        #[non_exhaustive]
        pub struct $event {
            /// The contact after it.
            pub contact: Contact,
        }

        impl $event {
            pub(crate) fn new(contact: Contact) -> Self {
                Self { contact }
            }
        }
    )*};
}

about_a_contact! {
    /// The chat status of a contact changed.
    ContactStatusChanged = "contactStatusChanged";
    /// The status text of a contact changed.
    ContactStatusMessageChanged = "contactStatusMessageChanged";
    /// The first resource of a contact is there.
    ContactOnline = "contactOnline";
    /// The last resource of a contact is gone.
    ContactOffline = "contactOffline";
    /// A contact was removed from the roster, here or with another client.
    ContactRemoved = "contactRemoved";
    /// A contact has agreed to the user's request; the push that changes `subscription` comes with it (RFC 6121 §3.1.6).
    ContactSubscribed = "contactSubscribed";
    /// A contact has refused the user's request, or does not show their presence any more. They stay a contact.
    ContactUnsubscribed = "contactUnsubscribed";
    /// Somebody took their request back, or a contact does not want to see the user's presence any more.
    ContactRequestWithdrawn = "contactRequestWithdrawn";
    /// A contact has another name, picture or web page by their own account (XEP-0054, XEP-0084).
    ContactProfileChanged = "contactProfileChanged";
}

/// The user's request could not be delivered to a contact, for example because their server is not there.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "contactRequestFailed")]
#[non_exhaustive]
pub struct ContactRequestFailed {
    /// Who was asked.
    #[serde(flatten)]
    pub contact: Contact,
    /// Why, for people.
    pub reason: String,
}

/// Somebody asks to see the user's presence (RFC 6121 §3.1.3); comes once until it is answered.
///
/// Answer with [`Contacts::accept`](crate::Contacts::accept) or [`Contacts::refuse`](crate::Contacts::refuse).
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "contactRequest")]
#[non_exhaustive]
pub struct ContactRequest {
    /// Who asks; `requesting` is set.
    #[serde(flatten)]
    pub contact: Contact,
    /// What they say with it.
    pub message: Option<String>,
}

impl ContactRequest {
    pub(crate) fn new(contact: Contact, message: Option<String>) -> Self {
        Self { contact, message }
    }
}

/// Somebody's request to become a contact was answered.
pub(crate) struct EndRequest {
    pub(crate) jid: BareJid,
}

impl Request for EndRequest {
    type Response = ();
}
