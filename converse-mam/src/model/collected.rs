//! The messages of a query while they come.

use std::collections::{HashSet, VecDeque};

use super::page::{ArchivedMessage, Page};
use super::query::Query;
use super::rsm::Rsm;
use crate::error::ArchiveError;

/// How many messages of one query are kept.
const MAX_MESSAGES: usize = 10_000;
/// The same in bytes of XML; one message is kept in any case.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The messages of a query while they come. Of a page that is too long the end is kept that the query counts from, so that
/// paging goes on where it was cut.
#[derive(Debug)]
pub(crate) struct Collected {
    query: Query,
    /// As they came.
    messages: VecDeque<(ArchivedMessage, usize)>,
    bytes: usize,
    /// How many did not fit.
    cut: usize,
    /// The ids of the oldest and the newest of what came, kept or not, as far as it came.
    came: Option<(String, String)>,
}

impl Collected {
    pub(crate) fn new(query: Query) -> Self {
        Self {
            query,
            messages: VecDeque::new(),
            bytes: 0,
            cut: 0,
            came: None,
        }
    }

    /// A result has come; what is in it may be of no use.
    pub(crate) fn see(&mut self, archive_id: &str) {
        match &mut self.came {
            Some((_, last)) => archive_id.clone_into(last),
            None => self.came = Some((archive_id.to_owned(), archive_id.to_owned())),
        }
    }

    /// Whether the result has come that the archive sends last, and with it all others.
    pub(crate) fn is_whole(&self, rsm: &Rsm) -> bool {
        let flipped = self.query.flip_page;
        let wanted = if flipped { &rsm.first } else { &rsm.last };
        let came = self.came.as_ref().map(|(_, last)| last);
        wanted.as_ref().is_none_or(|wanted| came == Some(wanted))
    }

    /// Takes a message that needs so much memory.
    pub(crate) fn push(&mut self, message: ArchivedMessage, bytes: usize) {
        let keeps_last = self.query.is_backwards() != self.query.flip_page;
        if !keeps_last && self.cut > 0 {
            self.cut += 1;
            return;
        }
        self.messages.push_back((message, bytes));
        self.bytes += bytes;
        while self.is_too_long() {
            let dropped = if keeps_last {
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
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Disordered`] if it is not known which end of it was cut off.
    pub(crate) fn into_page(mut self, mut rsm: Rsm) -> Result<Page, ArchiveError> {
        let is_flipped = self.is_flipped(&rsm);
        if is_flipped != self.query.flip_page && self.cut > 0 {
            return Err(ArchiveError::Disordered);
        }
        if is_flipped {
            self.messages.make_contiguous().reverse();
            self.came = self.came.map(|(first, last)| (last, first));
        }
        if let Some((first, last)) = self.came {
            let is_turned = rsm.first.as_ref() == Some(&last) && rsm.last.as_ref() == Some(&first);
            if rsm.first.is_none() || is_turned {
                rsm.first = Some(first);
            }
            if rsm.last.is_none() || is_turned {
                rsm.last = Some(last);
            }
        }
        let mut messages: Vec<_> = self.messages.into_iter().map(|(it, _)| it).collect();
        if self.cut > 0 {
            tracing::warn!(
                cut = self.cut,
                kept = messages.len(),
                "an archive gave more messages than were asked for, or than are kept"
            );
            cut(&mut rsm, &messages, self.query.is_backwards());
        }
        leave_out_doubles(&mut messages);
        rsm.query = self.query;
        Ok(Page { messages, rsm })
    }

    /// Whether the newest message came first. Some archives do not do as they are asked, and some call the one that came first
    /// the first one.
    fn is_flipped(&self, rsm: &Rsm) -> bool {
        let Some((first, last)) = self.came.as_ref().filter(|_| self.query.flip_page) else {
            return false;
        };
        let time = |entry: Option<&(ArchivedMessage, usize)>| entry?.0.time;
        match (time(self.messages.front()), time(self.messages.back())) {
            (Some(front), Some(back)) if front != back => front > back,
            _ => first == last || rsm.first.as_ref() != Some(first),
        }
    }
}

/// The page ends where it was cut, on the side that it does not count from.
fn cut(rsm: &mut Rsm, messages: &[ArchivedMessage], backwards: bool) {
    if let (Some(first), Some(last)) = (messages.first(), messages.last()) {
        rsm.complete = false;
        if backwards {
            rsm.first = Some(first.archive_id.clone());
            // Where the page begins now is not known.
            rsm.index = None;
        } else {
            rsm.last = Some(last.archive_id.clone());
        }
    }
}

/// A message is there once. There are archives that give two an id because they came in the same microsecond: those are two.
fn leave_out_doubles(messages: &mut Vec<ArchivedMessage>) {
    if messages.is_sorted_by(|one, next| one.archive_id < next.archive_id) {
        // As those of most archives are.
        return;
    }
    let mut known = HashSet::with_capacity(messages.len());
    let is_new: Vec<bool> = messages
        .iter()
        .map(|it| known.insert((&it.archive_id, it.stanza.from(), it.stanza.to())))
        .collect();
    if known.len() < messages.len() {
        tracing::warn!("an archive gave a message twice");
        let mut is_new = is_new.into_iter();
        messages.retain(|_| is_new.next().unwrap_or(true));
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
        let page = collected.into_page(rsm).unwrap();
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
    fn a_message_is_there_once_and_two_with_one_id_are_two() {
        let message = |id: &str, from: &str| ArchivedMessage {
            archive_id: id.to_owned(),
            time: None,
            stanza: Stanza::parse(&format!("<message from='{from}'/>")).unwrap(),
        };
        let otto = "otto@heron.example/oar";
        let mut messages = vec![
            message("a", otto),
            message("b", otto),
            message("b", "ines@heron.example/x"),
            message("b", otto),
            message("a", otto),
        ];
        leave_out_doubles(&mut messages);
        let ids = messages.iter().map(|one| one.archive_id.as_str());
        assert_eq!(ids.collect::<Vec<_>>(), ["a", "b", "b"]);
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

    /// The ids that come out when these come in, with their times in minutes.
    fn flipped(query: Query, came: &[(&str, Option<u32>)], rsm: Rsm) -> (Vec<String>, Rsm) {
        let mut collected = Collected::new(query.flip_page(true));
        for (id, minute) in came {
            let time = minute.map(|minute| format!("2026-01-10T08:{minute:02}:00Z"));
            let message = ArchivedMessage {
                archive_id: (*id).to_owned(),
                time: time.map(|time| time.parse().unwrap()),
                stanza: Stanza::parse("<message/>").unwrap(),
            };
            collected.see(id);
            collected.push(message, 1);
        }
        let page = collected.into_page(rsm).unwrap();
        let kept = page.messages.into_iter().map(|message| message.archive_id);
        (kept.collect(), page.rsm)
    }

    fn ends(first: &str, last: &str) -> Rsm {
        Rsm {
            first: Some(first.to_owned()),
            last: Some(last.to_owned()),
            ..Rsm::default()
        }
    }

    #[test]
    fn a_flipped_page_is_in_order_whatever_the_archive_does() {
        let timed = [("c", Some(3)), ("b", Some(2)), ("a", Some(1))];
        let untimed = [("c", None), ("b", None), ("a", None)];
        let ignored = [("a", Some(1)), ("b", Some(2)), ("c", Some(3))];
        let ignored_untimed = [("a", None), ("b", None), ("c", None)];
        for (came, rsm) in [
            (timed, ends("a", "c")),
            (timed, ends("c", "a")),
            (timed, Rsm::default()),
            (untimed, ends("a", "c")),
            (untimed, Rsm::default()),
            (ignored, ends("a", "c")),
            (ignored, Rsm::default()),
            (ignored_untimed, ends("a", "c")),
        ] {
            let (kept, rsm) = flipped(Query::new(), &came, rsm);
            assert_eq!(kept, ["a", "b", "c"]);
            assert_eq!((rsm.first, rsm.last), (Some("a".into()), Some("c".into())));
        }
    }

    #[test]
    fn a_flipped_page_that_is_too_long_is_cut_where_paging_goes_on() {
        let came = [("c", Some(3)), ("b", Some(2)), ("a", Some(1))];
        let (kept, mut rsm) = flipped(Query::new().max(2), &came, ends("a", "c"));
        assert_eq!(kept, ["a", "b"]);
        assert_eq!(rsm.next(2).after.as_deref(), Some("b"));
        let (kept, mut rsm) = flipped(Query::new().before("").max(2), &came, ends("a", "c"));
        assert_eq!(kept, ["b", "c"]);
        assert_eq!(rsm.previous(2).before.as_deref(), Some("b"));
    }

    #[test]
    fn what_the_archive_does_not_say_about_the_page_its_messages_say() {
        let mut collected = Collected::new(Query::new());
        for id in ["a", "a", "b", "unreadable"] {
            collected.see(id);
            if id != "unreadable" {
                let message = ArchivedMessage {
                    archive_id: id.to_owned(),
                    time: None,
                    stanza: Stanza::parse("<message/>").unwrap(),
                };
                collected.push(message, 1);
            }
        }
        let page = collected.into_page(Rsm::default()).unwrap();
        let ids: Vec<_> = page.messages.iter().map(|it| &it.archive_id).collect();
        assert_eq!(ids, ["a", "b"], "each once");
        assert_eq!(page.rsm.first.as_deref(), Some("a"));
        assert_eq!(page.rsm.last.as_deref(), Some("unreadable"));
    }
}
