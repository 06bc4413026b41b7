//! The messages of a query while they come.

use std::collections::VecDeque;

use super::page::{ArchivedMessage, Page};
use super::query::Query;
use super::rsm::Rsm;

/// How many messages of one query are kept.
const MAX_MESSAGES: usize = 10_000;
/// The same in bytes of XML; one message is kept in any case.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The messages of a query while they come. Of a page that is too long the end is kept that the query counts from, so that
/// paging goes on where it was cut.
#[derive(Debug)]
pub(crate) struct Collected {
    query: Query,
    messages: VecDeque<(ArchivedMessage, usize)>,
    bytes: usize,
    /// How many did not fit.
    cut: usize,
    /// The id of the newest result, kept or not.
    seen: Option<String>,
}

impl Collected {
    pub(crate) fn new(query: Query) -> Self {
        Self {
            query,
            messages: VecDeque::new(),
            bytes: 0,
            cut: 0,
            seen: None,
        }
    }

    /// A result has come; what is in it may be of no use.
    pub(crate) fn see(&mut self, archive_id: &str) {
        self.seen = Some(archive_id.to_owned());
    }

    /// Whether the result with this id has come, and with it all that precede it.
    pub(crate) fn has_seen(&self, archive_id: &str) -> bool {
        self.seen.as_deref() == Some(archive_id)
    }

    /// Takes a message whose XML is so long.
    pub(crate) fn push(&mut self, message: ArchivedMessage, bytes: usize) {
        let backwards = self.query.before.is_some();
        if !backwards && self.cut > 0 {
            self.cut += 1;
            return;
        }
        self.messages.push_back((message, bytes));
        self.bytes += bytes;
        while self.is_too_long() {
            let dropped = if backwards {
                self.messages.pop_front()
            } else {
                self.messages.pop_back()
            };
            self.bytes -= dropped.map_or(0, |(_, bytes)| bytes);
            self.cut += 1;
        }
    }

    fn is_too_long(&self) -> bool {
        let most = self.query.max.map_or(MAX_MESSAGES, |max| {
            usize::try_from(max).map_or(MAX_MESSAGES, |max| max.min(MAX_MESSAGES))
        });
        let count = self.messages.len();
        count > most || (count > 1 && self.bytes > MAX_BYTES)
    }

    /// The page, of which the archive says `rsm`.
    pub(crate) fn into_page(self, mut rsm: Rsm) -> Page {
        let messages: Vec<_> = self
            .messages
            .into_iter()
            .map(|(message, _)| message)
            .collect();
        if self.cut > 0 {
            tracing::warn!(
                cut = self.cut,
                kept = messages.len(),
                "an archive gave more messages than were asked for, or than are kept"
            );
            if let (Some(first), Some(last)) = (messages.first(), messages.last()) {
                rsm.complete = false;
                if self.query.before.is_some() {
                    rsm.first = Some(first.archive_id.clone());
                    // Where the page begins now is not known.
                    rsm.index = None;
                } else {
                    rsm.last = Some(last.archive_id.clone());
                }
            }
        }
        rsm.query = self.query;
        Page { messages, rsm }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use converse_core::router::Stanza;

    use super::*;

    fn page(query: Query, bytes: usize, ids: &[&str]) -> (Vec<String>, Rsm) {
        let mut collected = Collected::new(query);
        for id in ids {
            let message = ArchivedMessage {
                archive_id: (*id).to_owned(),
                time: None,
                stanza: Stanza::parse("<message/>").unwrap(),
            };
            collected.see(id);
            collected.push(message, bytes);
        }
        let rsm = Rsm {
            first: ids.first().map(|id| (*id).to_owned()),
            last: ids.last().map(|id| (*id).to_owned()),
            index: Some(0),
            complete: true,
            ..Rsm::default()
        };
        let page = collected.into_page(rsm);
        let kept = page.messages.into_iter().map(|message| message.archive_id);
        (kept.collect(), page.rsm)
    }

    #[test]
    fn a_page_that_is_too_long_is_cut_where_paging_goes_on() {
        let (kept, mut rsm) = page(Query::new().max(2), 1, &["a", "b", "c", "d"]);
        assert_eq!(kept, ["a", "b"]);
        assert!(!rsm.complete);
        assert_eq!(rsm.next(2).after.as_deref(), Some("b"));

        let (kept, mut rsm) = page(Query::new().before("").max(2), 1, &["a", "b", "c", "d"]);
        assert_eq!(kept, ["c", "d"]);
        assert_eq!(rsm.index, None);
        assert_eq!(rsm.previous(2).before.as_deref(), Some("c"));
    }

    #[test]
    fn what_fits_is_as_the_archive_says() {
        let (kept, rsm) = page(Query::new().max(2), 1, &["a", "b"]);
        assert_eq!(kept, ["a", "b"]);
        assert!(rsm.complete);
        let (kept, rsm) = page(Query::new().max(0), 1, &["a"]);
        assert!(kept.is_empty() && rsm.complete);
    }

    #[test]
    fn memory_is_bounded() {
        let (kept, rsm) = page(Query::new(), MAX_BYTES, &["a", "b", "c"]);
        assert_eq!(kept, ["a"]);
        assert_eq!(rsm.last.as_deref(), Some("a"));
        let ids: Vec<String> = (0..MAX_MESSAGES + 2).map(|id| id.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(page(Query::new(), 1, &ids).0.len(), MAX_MESSAGES);
        assert_eq!(
            page(Query::new().max(u32::MAX), 1, &ids).0.len(),
            MAX_MESSAGES
        );
    }
}
