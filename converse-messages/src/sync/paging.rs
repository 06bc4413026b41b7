//! What a page has that no page before it had.

use std::collections::HashSet;

use converse_core::Error;
use converse_core::contract::{ArchivePage, Archived};
use converse_core::router::{Condition, StanzaError};

use super::error::SyncError;

/// The ids that came on the pages of one run.
#[derive(Debug, Default)]
pub(super) struct Paging {
    seen: HashSet<String>,
    pages: usize,
}

/// By which message a page was asked for.
#[derive(Debug, Clone)]
pub(super) enum Edge {
    /// What follows it.
    After(String),
    /// What comes before it.
    Before(String),
    /// None.
    End,
}

/// What is new on a page.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) messages: Vec<Archived>,
    /// The message by which it was asked for came too, so that the archive has it.
    pub(super) has_edge: bool,
    /// There is nothing beyond.
    pub(super) is_last: bool,
    /// If no result could be read: the ids of the first and the last one.
    pub(super) unreadable: Option<(String, String)>,
}

impl Paging {
    pub(super) fn pages(&self) -> usize {
        self.pages
    }

    pub(super) fn has_seen(&self, id: &str) -> bool {
        self.seen.contains(id)
    }

    /// What is new on a page. That the archive gives the message by which it was asked again, with what is on the other side
    /// of it, does no harm.
    pub(super) fn take(&mut self, page: ArchivePage, edge: &Edge) -> Result<Fresh, SyncError> {
        self.pages += 1;
        let is_empty = page.messages.is_empty() && page.first.is_none() && page.last.is_none();
        let is_last = page.is_complete || is_empty;
        let has_edge = page.messages.iter().any(|message| edge.is(&message.id));
        let messages = beyond(once(page.messages), edge);
        if let Some(again) = messages.iter().find(|message| self.has_seen(&message.id)) {
            let id = again.id.clone();
            return Err(SyncError::Repeats { id });
        }
        let ids = messages.iter().map(|message| message.id.clone());
        self.seen.extend(ids);
        let is_new = |id: &String| !edge.is(id) && !self.has_seen(id);
        let unreadable = page.first.filter(is_new).zip(page.last.filter(is_new));
        let unreadable = unreadable.filter(|_| messages.is_empty());
        if let Some((first, last)) = &unreadable {
            self.seen.extend([first.clone(), last.clone()]);
        }
        if messages.is_empty() && unreadable.is_none() && !is_last {
            return Err(SyncError::NoProgress);
        }
        Ok(Fresh {
            messages,
            has_edge,
            is_last,
            unreadable,
        })
    }
}

impl Edge {
    fn is(&self, other: &str) -> bool {
        match self {
            Self::After(id) | Self::Before(id) => id == other,
            Self::End => false,
        }
    }
}

/// Each message once. An id that two have that went another way is a mistake of the archive, and none of them is left out for it.
pub(super) fn once(mut messages: Vec<Archived>) -> Vec<Archived> {
    let mut known = HashSet::with_capacity(messages.len());
    let is_new: Vec<bool> = messages
        .iter()
        .map(|it| known.insert((&it.id, it.stanza.from(), it.stanza.to())))
        .collect();
    let mut is_new = is_new.into_iter();
    messages.retain(|_| is_new.next().unwrap_or(true));
    messages
}

/// What is on the wanted side of the message by which a page was asked for.
fn beyond(mut messages: Vec<Archived>, edge: &Edge) -> Vec<Archived> {
    let Some(at) = messages.iter().position(|message| edge.is(&message.id)) else {
        return messages;
    };
    if let Edge::After(_) = edge {
        return messages.split_off(at + 1);
    }
    messages.truncate(at);
    messages
}

/// Whether an archive has no message of the id that it was asked by (XEP-0313 §4.3.1).
pub(super) fn is_unknown_id(error: &Error) -> bool {
    let cause = error.cause::<StanzaError>();
    cause.is_some_and(|cause| cause.condition == Condition::ItemNotFound)
}
