//! Copies of private messages in rooms.

use std::fmt;

use chrono::{DateTime, Utc};
use converse_macros::Event;
use serde::{Serialize, Serializer};

use super::rfc3339;
use crate::xml::Element;

/// Which way a copied message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CopiedSide {
    /// To another client of the account.
    Received,
    /// From another client of the account.
    Sent,
}

/// Another client of the account sent a private message to an occupant of an open room, or got one, and this client got a copy
/// (XEP-0280 §6.1) or found it in the archive of the account (XEP-0313).
///
/// Who announces it has made sure that the own account made the copy and that the message passed the account; that the other
/// side of it is an occupant of a room in the [`RoomDirectory`](super::RoomDirectory) too.
#[derive(Clone, Serialize, Event)]
#[event(name = "occupantMessageCopied")]
#[non_exhaustive]
pub struct OccupantCopy {
    /// Which way the message went.
    pub side: CopiedSide,
    /// The message, with the occupant's address in `to` or `from`; by name it is its XML.
    #[serde(serialize_with = "xml")]
    pub message: Element,
    /// When the server had it, if it says so (XEP-0297 §3.2).
    #[serde(serialize_with = "moment")]
    pub sent_at: Option<DateTime<Utc>>,
    /// Under which id the own account's archive has it, if it comes from there (XEP-0313).
    pub archive_id: Option<String>,
}

impl OccupantCopy {
    /// A copy of `message`, which went the way that `side` says.
    #[must_use]
    pub fn new(side: CopiedSide, message: Element, sent_at: Option<DateTime<Utc>>) -> Self {
        Self {
            side,
            message,
            sent_at,
            archive_id: None,
        }
    }

    /// It comes from the own account's archive, which has it under this id.
    #[must_use]
    pub fn archived(mut self, id: impl Into<String>) -> Self {
        self.archive_id = Some(id.into());
        self
    }
}

/// The message is private and is left out.
impl fmt::Debug for OccupantCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupantCopy")
            .field("side", &self.side)
            .field("sent_at", &self.sent_at)
            .finish_non_exhaustive()
    }
}

fn xml<S: Serializer>(message: &Element, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&message.to_xml())
}

fn moment<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339::serialize(time, serializer),
        None => serializer.serialize_none(),
    }
}
