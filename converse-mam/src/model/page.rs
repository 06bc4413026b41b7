//! What an archive gives.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use converse_core::contract::{ArchivePage, Archived};
use converse_core::router::Stanza;
use jid::Jid;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::date::date_text;
use super::rsm::Rsm;

/// A message as it is archived.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ArchivedMessage {
    /// The id by which the archive knows it; it is also its stanza-id (XEP-0359) by the archive's address.
    pub archive_id: String,
    /// When the archive got it; none if it does not tell in a way that can be read.
    pub time: Option<DateTime<Utc>>,
    /// The message itself.
    ///
    /// The own archive may contain what others sent with any content, so what is in it has been checked no more than a
    /// message that arrives. In the archive of a room the sender is the room or one of its occupants.
    pub stanza: Stanza,
}

impl ArchivedMessage {
    /// Who sent it.
    #[must_use]
    pub fn from(&self) -> Option<&Jid> {
        self.stanza.from()
    }

    /// Its text.
    #[must_use]
    pub fn body(&self) -> Option<Cow<'_, str>> {
        self.stanza.body()
    }
}

impl Serialize for ArchivedMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("archive_id", &self.archive_id)?;
        map.serialize_entry("time", &self.time.as_ref().map(date_text))?;
        map.serialize_entry("from", &self.stanza.from())?;
        map.serialize_entry("to", &self.stanza.to())?;
        map.serialize_entry("type", &self.stanza.type_())?;
        map.serialize_entry("id", &self.stanza.id())?;
        map.serialize_entry("body", &self.stanza.body())?;
        map.serialize_entry("xml", &self.stanza.root().to_xml())?;
        map.end()
    }
}

impl From<ArchivedMessage> for Archived {
    fn from(message: ArchivedMessage) -> Self {
        Self::new(message.archive_id, message.time, message.stanza)
    }
}

/// One page of messages, oldest first.
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct Page {
    /// The messages: at most as many as were asked for, and never more than 10,000 or 32 MiB.
    pub messages: Vec<ArchivedMessage>,
    /// Where the page is in its result set, and the way to the pages beside it.
    pub rsm: Rsm,
}

impl From<Page> for ArchivePage {
    fn from(Page { messages, rsm }: Page) -> Self {
        let mut page = Self::default();
        page.messages = messages.into_iter().map(Archived::from).collect();
        page.first = rsm.first;
        page.last = rsm.last;
        page.count = rsm.count;
        page.is_complete = rsm.complete;
        page
    }
}
