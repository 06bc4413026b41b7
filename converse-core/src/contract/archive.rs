//! What one grouping asks of a message archive, and another fetches (XEP-0313).

use std::fmt;

use chrono::{DateTime, Utc};
use jid::{BareJid, Jid};
use tokio::sync::oneshot;

use crate::bus::Request;
use crate::error::Error;
use crate::stanza::Stanza;

/// Where a page of an archive is (XEP-0059 §2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PagePosition {
    /// The oldest messages that match.
    Oldest,
    /// Those that follow the message with this id.
    After(String),
    /// The newest messages that match.
    Newest,
    /// Those that precede the message with this id.
    Before(String),
}

/// A page of an archive is wanted: that of the own account, or that of a room.
///
/// The answer tells the page, oldest message first, or why there is none: [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)
/// where there is no archive, [`ErrorKind::Stanza`](crate::ErrorKind::Stanza) where it refuses; `item-not-found` in there means
/// that it has no message of the id any more (XEP-0313 §4.2). Nobody answers where archives are not compiled in.
///
/// ```
/// use converse_core::contract::{FetchArchive, PagePosition};
///
/// let missed = FetchArchive::own(PagePosition::After("28482-98726-73623".into())).max(100);
/// assert_eq!(missed.max, 100);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchArchive {
    /// The room whose archive it is; without one it is that of the own account.
    pub room: Option<BareJid>,
    /// Only messages to and from this address.
    pub with: Option<Jid>,
    /// Only messages of this time or later, as the archive's clock has it.
    pub start: Option<DateTime<Utc>>,
    /// Only messages of this time or earlier.
    pub end: Option<DateTime<Utc>>,
    /// Which page of what matches.
    pub position: PagePosition,
    /// How many messages at most; the archive may give fewer.
    pub max: u32,
}

impl FetchArchive {
    /// A page of the own account's archive.
    #[must_use]
    pub fn own(position: PagePosition) -> Self {
        Self {
            room: None,
            with: None,
            start: None,
            end: None,
            position,
            max: 50,
        }
    }

    /// A page of a room's archive.
    #[must_use]
    pub fn room(room: BareJid, position: PagePosition) -> Self {
        Self {
            room: Some(room),
            ..Self::own(position)
        }
    }

    /// Only messages to and from this address.
    #[must_use]
    pub fn with(mut self, jid: impl Into<Jid>) -> Self {
        self.with = Some(jid.into());
        self
    }

    /// Only messages of this time or later.
    #[must_use]
    pub fn start(mut self, start: DateTime<Utc>) -> Self {
        self.start = Some(start);
        self
    }

    /// Only messages of this time or earlier.
    #[must_use]
    pub fn end(mut self, end: DateTime<Utc>) -> Self {
        self.end = Some(end);
        self
    }

    /// At most so many messages.
    #[must_use]
    pub fn max(mut self, max: u32) -> Self {
        self.max = max;
        self
    }
}

/// Where the answer to a [`FetchArchive`] comes out.
pub type AwaitedArchive = oneshot::Receiver<Result<ArchivePage, Error>>;

impl Request for FetchArchive {
    type Response = AwaitedArchive;
}

/// One message as an archive has it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Archived {
    /// Its id there, which is also its stanza-id by the archive's address (XEP-0359 §3.1).
    pub id: String,
    /// When the archive got it; none if it does not say so in a way that can be read.
    pub time: Option<DateTime<Utc>>,
    /// The message. Only that the archive has it has been checked: in that of the own account anything may stand that somebody
    /// sent.
    pub stanza: Stanza,
}

impl Archived {
    /// What an archive has under an id.
    pub fn new(id: impl Into<String>, time: Option<DateTime<Utc>>, stanza: Stanza) -> Self {
        Self {
            id: id.into(),
            time,
            stanza,
        }
    }
}

/// What was said is private and is left out.
impl fmt::Debug for Archived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archived")
            .field("id", &self.id)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// A page of an archive, the oldest message first.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ArchivePage {
    /// The messages. What could not be read is left out, so there may be fewer than between `first` and `last`.
    pub messages: Vec<Archived>,
    /// The id of the first result, readable or not.
    pub first: Option<String>,
    /// The id of the last result, readable or not.
    pub last: Option<String>,
    /// How many match in all, if the archive counts them; it may be a guess.
    pub count: Option<u64>,
    /// Whether there is nothing beyond in the direction of the query.
    pub is_complete: bool,
}
