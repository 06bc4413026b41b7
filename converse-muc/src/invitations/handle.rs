//! The handle of an invitation that came in.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::Error;
use converse_core::api::Api;
use converse_core::contract::rfc3339;
use jid::{BareJid, Jid};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::error::InvitationError;
use super::received::Received;
use super::shared::Invitations;
use super::wire;
use crate::api::{Room, RoomsExt as _};
use crate::model::RoomOptions;

/// An invitation to a room; cheap to clone. It waits until it is accepted, declined or ignored, or the user enters the room in
/// another way.
///
/// What it says is that of the moment at which the handle was made: an invitation that comes a second time, directly or
/// through the room, is still the same one.
#[derive(Clone)]
pub struct Invitation {
    api: Api,
    invitations: Arc<Invitations>,
    received: Arc<Received>,
}

impl Invitation {
    pub(super) fn new(api: &Api, invitations: &Arc<Invitations>, received: Arc<Received>) -> Self {
        Self {
            api: api.clone(),
            invitations: Arc::clone(invitations),
            received,
        }
    }

    /// The room's address.
    #[must_use]
    pub fn room(&self) -> &BareJid {
        &self.received.room
    }

    /// Who invites: the bare address of somebody, or the address of an occupant of an open room.
    ///
    /// For a [mediated](Self::is_mediated) invitation it is what the room claims, if it does, in whatever form: whoever runs
    /// a room service can claim anything, see [`is_from_contact`](Self::is_from_contact).
    #[must_use]
    pub fn inviter(&self) -> Option<&Jid> {
        self.received.inviter()
    }

    /// Why, in at most 1,024 characters.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.received.reason()
    }

    /// Whether it is certain that a contact, or another client of the user's, invites: it came from there, or a room of the
    /// user's own server says so. Only to these the setting `auto_join_on_invite` says yes.
    #[must_use]
    pub fn is_from_contact(&self) -> bool {
        self.received.is_trusted()
    }

    /// Whether the inviter sent it (XEP-0249).
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.received.direct.is_some()
    }

    /// Whether the room passed it on (XEP-0045 §7.8.2), and can pass on that the user declines.
    #[must_use]
    pub fn is_mediated(&self) -> bool {
        self.received.mediated.is_some()
    }

    /// Whether the room's password came along.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.received.password().is_some()
    }

    /// Whether the room continues a chat with the inviter (XEP-0045 §7.9).
    #[must_use]
    pub fn continues_chat(&self) -> bool {
        self.received.continues()
    }

    /// The thread of that chat.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.received.thread()
    }

    /// When it was sent, as far as is known, else when it came.
    #[must_use]
    pub fn time(&self) -> DateTime<Utc> {
        self.received.time
    }

    /// Opens the room, with the password that came along unless the options have one. As
    /// [`Rooms::open`](crate::Rooms::open), it returns before the room has let the user in.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed) if it waits no more, and those of
    /// [`Rooms::open`](crate::Rooms::open): then it still waits.
    pub async fn accept(&self, options: impl Into<RoomOptions>) -> Result<Room, Error> {
        let received = self.current()?;
        let mut options = options.into();
        if options.password.is_none() {
            options.password = received.password().cloned();
        }
        let room = self.api.rooms().open(&received.room, options).await?;
        self.invitations.pending().remove(received.number);
        Ok(room)
    }

    /// Says no. The inviter is told if the room can pass it on, else nobody (XEP-0249 §2).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed) if it waits no more,
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a reason with characters that XML
    /// cannot have, and [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a session: then it
    /// still waits.
    pub async fn decline(&self, reason: impl Into<Option<&str>>) -> Result<(), Error> {
        let received = self.current()?;
        if let Some(inviter) = received.declined_to() {
            let reason = reason.into().filter(|reason| !reason.is_empty());
            let stanza = wire::decline(&received.room, inviter, reason);
            self.api.send_untracked(stanza).await?;
        }
        self.invitations.pending().remove(received.number);
        Ok(())
    }

    /// Forgets it; nobody is told. One that waits no more is no error.
    pub fn ignore(&self) {
        self.invitations.pending().remove(self.received.number);
    }

    /// Whether it still waits for an answer.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.current().is_ok()
    }

    /// What is known of it now.
    fn current(&self) -> Result<Arc<Received>, InvitationError> {
        let known = self.invitations.pending().get(&self.received.room);
        known
            .filter(|known| known.number == self.received.number)
            .ok_or_else(|| InvitationError::Over {
                room: self.received.room.clone(),
            })
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("room", &self.room().as_str())
            .field("inviter", &self.inviter().map(Jid::as_str))
            .field("is_direct", &self.is_direct())
            .field("is_mediated", &self.is_mediated())
            .finish_non_exhaustive()
    }
}

/// Two handles are equal when they stand for the same invitation.
impl PartialEq for Invitation {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.invitations, &other.invitations)
            && self.received.number == other.received.number
    }
}

impl Eq for Invitation {}

struct Time(DateTime<Utc>);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        rfc3339::serialize(&self.0, serializer)
    }
}

/// By name an invitation is what it says; never the password.
impl Serialize for Invitation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("jid", self.room())?;
        map.serialize_entry("room", self.room())?;
        map.serialize_entry("from", &self.inviter())?;
        map.serialize_entry("reason", &self.reason())?;
        map.serialize_entry("direct", &self.is_direct())?;
        map.serialize_entry("mediated", &self.is_mediated())?;
        map.serialize_entry("from_contact", &self.is_from_contact())?;
        map.serialize_entry("has_password", &self.has_password())?;
        map.serialize_entry("continue", &self.continues_chat())?;
        map.serialize_entry("thread", &self.thread())?;
        map.serialize_entry("time", &Time(self.time()))?;
        map.end()
    }
}
