//! What the grouping announces, and what its actor is asked.

use std::sync::Arc;

use converse_core::Error;
use converse_core::bus::{Event, Request};
use jid::BareJid;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::actor::Outcome;
use crate::model::{Avatar, VCard};

pub use converse_core::contract::{Profile, ProfileChanged};

/// Somebody has another avatar, or none any more. The picture may not have been fetched: ask for it with
/// [`VCards::avatar`](crate::VCards::avatar).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Event)]
#[event(name = "avatarChanged")]
#[non_exhaustive]
pub struct AvatarChanged {
    /// Whose avatar.
    pub jid: BareJid,
    /// The SHA-1 of the picture, in lower-case hexadecimal; `None` if there is none.
    pub hash: Option<String>,
}

impl AvatarChanged {
    pub(crate) fn new(jid: BareJid, hash: Option<String>) -> Self {
        Self { jid, hash }
    }
}

/// What of somebody is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum What {
    Card,
    Avatar,
    Nick,
}

/// What was found.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Card(Arc<VCard>),
    Avatar(Option<Avatar>),
    Nick(Option<String>),
}

/// Where the answer to a [`Fetch`] comes out.
pub(crate) type Awaited = oneshot::Receiver<Result<Found, Error>>;

/// Wants something of somebody; what is known is not fetched, unless it is wanted anew.
pub(crate) struct Fetch {
    pub(crate) jid: BareJid,
    pub(crate) what: What,
    pub(crate) anew: bool,
}

impl Request for Fetch {
    type Response = Awaited;
}

/// A fetch is over.
pub(crate) struct Fetched {
    pub(crate) jid: BareJid,
    pub(crate) what: What,
    pub(crate) outcome: Result<Outcome, Error>,
}

impl Request for Fetched {
    type Response = ();
}

/// The picture of an occupant was fetched, or could not be.
pub(crate) struct PictureFetched {
    pub(crate) hash: String,
    pub(crate) outcome: Result<Option<Avatar>, Error>,
}

impl Request for PictureFetched {
    type Response = ();
}

/// It is time for the next fetch that nobody asked for.
pub(crate) struct FetchNext;

impl Request for FetchNext {
    type Response = ();
}

/// What the own account's service can is known, or why not.
pub(crate) struct ServicesKnown {
    pub(crate) session: u64,
    pub(crate) services: Result<Services, Error>,
}

impl Request for ServicesKnown {
    type Response = ();
}

/// The own vCard was looked at.
pub(crate) struct OwnCard {
    pub(crate) session: u64,
    pub(crate) card: VCard,
}

impl Request for OwnCard {
    type Response = ();
}

/// The user has published something.
pub(crate) enum Published {
    /// The vCard.
    Card(VCard),
    /// The avatar.
    Avatar(Option<Avatar>),
    /// The nickname.
    Nick(Option<String>),
}

impl Request for Published {
    type Response = ();
}

/// What the own account's service can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Services {
    /// It has nodes (XEP-0163).
    pub(crate) pep: bool,
    /// It keeps the avatar of the node and that of the vCard the same (XEP-0398).
    pub(crate) conversion: bool,
}
