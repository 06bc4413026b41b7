//! What is asked of an archive.

use chrono::{DateTime, Utc};
use converse_core::contract::{FetchArchive, PagePosition};
use jid::{BareJid, Jid};
use serde::Serialize;

use super::date;
use crate::error::ArchiveError;

/// What is asked of an archive (XEP-0313 §4.1, XEP-0059). Without anything it asks for everything, oldest first, of which
/// the server gives one page of the size that it likes.
///
/// The same can be said with a map, as the 3.2 document has it: `json!({ "with": "juliet@capulet.example", "max": 10 })`.
/// There a date is a text in ISO 8601 (without an offset it is UTC), and what only answers contain (`first`, `last`,
/// `count`) is ignored with a warning.
///
/// ```
/// use converse_mam::Query;
/// use jid::BareJid;
/// use serde_json::json;
///
/// let juliet: BareJid = "juliet@capulet.example".parse()?;
/// let query = Query::new().with(juliet).before("").max(5);
/// let same = Query::try_from(json!({ "with": "juliet@capulet.example", "before": "", "max": "5" }))?;
/// assert_eq!(query, same);
///
/// let error = Query::try_from(json!({ "start": "some other day" })).unwrap_err();
/// assert!(error.to_string().contains("start"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Query {
    /// The room whose archive is asked; without one it is the own archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<BareJid>,
    /// Only messages exchanged with this address; with [`groupchat`](Self::groupchat) the room whose archive is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<Jid>,
    /// Only messages of this instant or later.
    #[serde(
        serialize_with = "date::serialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub start: Option<DateTime<Utc>>,
    /// Only messages of this instant or earlier.
    #[serde(
        serialize_with = "date::serialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub end: Option<DateTime<Utc>>,
    /// How many messages at most; 0 asks only how many there are (XEP-0059 §2.7), which some servers do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Only what precedes the message with this archive id, and of that the end; an empty one asks for the newest page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Only what follows the message with this archive id; an empty one is the same as none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Where the page begins, counted from 0 (XEP-0059 §2.6); only few servers can do that. Without effect together with
    /// `before` or `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Whether the archive of the room `with` is asked instead of the own one. The own archive has no messages of rooms.
    /// [`room`](Self::room) says the same and leaves `with` for its own purpose.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub groupchat: bool,
    /// Only what precedes the message with this archive id, oldest first; unlike [`before`](Self::before) it says nothing about
    /// the page, so that `after_id` can be said as well (XEP-0313 §4.1.4). As all that follows it needs
    /// [`EXTENDED`](crate::ns::EXTENDED) archives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_id: Option<String>,
    /// Only what follows the message with this archive id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_id: Option<String>,
    /// Only the messages with these archive ids. The archive refuses the query with `item-not-found` if one of them is not
    /// there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// Whether the archive sends the newest message of the page first (XEP-0313 §4.3.5). The page is the same: its messages are
    /// the oldest first in any case.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flip_page: bool,
}

impl Query {
    /// Asks for everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`room`](Self::room).
    #[must_use]
    pub fn room(mut self, room: impl Into<BareJid>) -> Self {
        self.room = Some(room.into());
        self
    }

    /// Sets [`with`](Self::with).
    #[must_use]
    pub fn with(mut self, jid: impl Into<Jid>) -> Self {
        self.with = Some(jid.into());
        self
    }

    /// Sets [`start`](Self::start).
    #[must_use]
    pub fn start(mut self, start: impl Into<DateTime<Utc>>) -> Self {
        self.start = Some(start.into());
        self
    }

    /// Sets [`end`](Self::end).
    #[must_use]
    pub fn end(mut self, end: impl Into<DateTime<Utc>>) -> Self {
        self.end = Some(end.into());
        self
    }

    /// Sets [`max`](Self::max).
    #[must_use]
    pub fn max(mut self, max: u32) -> Self {
        self.max = Some(max);
        self
    }

    /// Sets [`before`](Self::before).
    #[must_use]
    pub fn before(mut self, id: impl Into<String>) -> Self {
        self.before = Some(id.into());
        self
    }

    /// Sets [`after`](Self::after).
    #[must_use]
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.after = Some(id.into());
        self
    }

    /// Sets [`index`](Self::index).
    #[must_use]
    pub fn index(mut self, index: u64) -> Self {
        self.index = Some(index);
        self
    }

    /// Sets [`groupchat`](Self::groupchat).
    #[must_use]
    pub fn groupchat(mut self, groupchat: bool) -> Self {
        self.groupchat = groupchat;
        self
    }

    /// Sets [`before_id`](Self::before_id).
    #[must_use]
    pub fn before_id(mut self, id: impl Into<String>) -> Self {
        self.before_id = Some(id.into());
        self
    }

    /// Sets [`after_id`](Self::after_id).
    #[must_use]
    pub fn after_id(mut self, id: impl Into<String>) -> Self {
        self.after_id = Some(id.into());
        self
    }

    /// Sets [`ids`](Self::ids).
    #[must_use]
    pub fn ids(mut self, ids: impl IntoIterator<Item: Into<String>>) -> Self {
        self.ids = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`flip_page`](Self::flip_page).
    #[must_use]
    pub fn flip_page(mut self, flip_page: bool) -> Self {
        self.flip_page = flip_page;
        self
    }

    /// Whether pages go from the newest to the oldest.
    pub(crate) fn is_backwards(&self) -> bool {
        self.before.is_some()
    }

    /// The id of the message that it counts from.
    pub(crate) fn cursor(&self) -> Option<&str> {
        let before = self.before.as_deref().filter(|id| !id.is_empty());
        before.or(self.cursor_after())
    }

    /// Makes it ask for the page behind the one that ends so.
    pub(crate) fn go_to(&mut self, end: &str, backwards: bool) {
        let (here, there) = if backwards {
            (&mut self.before, &mut self.after)
        } else {
            (&mut self.after, &mut self.before)
        };
        *here = Some(end.to_owned());
        *there = None;
        self.index = None;
    }

    /// What in it not every archive can (XEP-0313 §8).
    pub(crate) fn extended(&self) -> Option<&'static str> {
        let parts = [
            ("before_id", self.before_id.is_some()),
            ("after_id", self.after_id.is_some()),
            ("ids", !self.ids.is_empty()),
            ("flip_page", self.flip_page),
        ];
        parts
            .into_iter()
            .find_map(|(name, there)| there.then_some(name))
    }

    /// The id after which the page begins.
    pub(crate) fn cursor_after(&self) -> Option<&str> {
        self.after.as_deref().filter(|id| !id.is_empty())
    }

    /// The room whose archive is asked; none for the own archive.
    pub(crate) fn archive(&self) -> Option<BareJid> {
        let with = self.with.as_ref().filter(|_| self.groupchat);
        self.room.clone().or_else(|| Some(with?.to_bare()))
    }

    /// Whose messages are looked for. A room is asked, not looked for in its own archive.
    pub(crate) fn filter_with(&self) -> Option<&Jid> {
        self.with.as_ref().filter(|_| !self.groupchat)
    }

    /// Whether it can be asked at all.
    ///
    /// # Errors
    ///
    /// What contradicts itself or cannot be written.
    pub(crate) fn check(&self) -> Result<(), ArchiveError> {
        for (parameter, date) in [("start", &self.start), ("end", &self.end)] {
            if let Some(date) = date.filter(|date| !date::is_writable(date)) {
                let expected = "in a year of four digits";
                return Err(ArchiveError::invalid(parameter, expected, date));
            }
        }
        if let (Some(start), Some(end)) = (self.start, self.end)
            && start > end
        {
            return Err(ArchiveError::StartAfterEnd);
        }
        if self.before.is_some() && self.cursor_after().is_some() {
            return Err(ArchiveError::BeforeAndAfter);
        }
        if self.groupchat && self.room.is_some() {
            return Err(ArchiveError::TwoRooms);
        }
        if self.groupchat {
            let room = self.with.as_ref().ok_or(ArchiveError::NoRoom)?;
            if room.resource().is_some() {
                let expected = "the address of a room, without a nickname";
                return Err(ArchiveError::invalid("with", expected, room));
            }
        }
        Ok(())
    }
}

impl From<()> for Query {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<FetchArchive> for Query {
    fn from(wanted: FetchArchive) -> Self {
        let mut query = Self {
            room: wanted.room,
            with: wanted.with,
            start: wanted.start,
            end: wanted.end,
            max: Some(wanted.max),
            ..Self::default()
        };
        match wanted.position {
            PagePosition::After(id) => query.after = Some(id),
            PagePosition::Newest => query.before = Some(String::new()),
            PagePosition::Before(id) => query.before = Some(id),
            // What is added to the positions is asked here too.
            PagePosition::Oldest | _ => {}
        }
        query
    }
}

impl From<&Self> for Query {
    fn from(query: &Self) -> Self {
        query.clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn what_contradicts_itself_is_refused() {
        let room: BareJid = "atrium@rooms.kestrel.example".parse().unwrap();
        let early: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let late: DateTime<Utc> = "2026-01-01T00:00:01Z".parse().unwrap();
        let refused = [
            (Query::new().start(late).end(early), "start"),
            (Query::new().before("").after("a"), "before"),
            (Query::new().before("b").after("a"), "after"),
            (Query::new().groupchat(true), "with"),
            (
                Query::new()
                    .room(room.clone())
                    .with(room.clone())
                    .groupchat(true),
                "room",
            ),
            (Query::new().start(DateTime::<Utc>::MAX_UTC), "start"),
            (Query::new().end(DateTime::<Utc>::MIN_UTC), "end"),
        ];
        for (query, named) in refused {
            let error = query.check().unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
        let nick: Jid = "atrium@rooms.kestrel.example/pia".parse().unwrap();
        assert!(Query::new().with(nick).groupchat(true).check().is_err());
        let accepted = [
            Query::new().start(early).end(early),
            Query::new().before("b").after(""),
            Query::new().with(room.clone()).groupchat(true).max(0),
            Query::new().room(room.clone()).with(room),
        ];
        for query in accepted {
            assert_eq!(query.check(), Ok(()));
        }
    }
}
