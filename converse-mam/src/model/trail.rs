//! Where paging has been, so that an archive that goes round in circles is noticed.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher as _;

use super::page::ArchivedMessage;

/// How many ids are remembered.
const KEPT: usize = 65_536;

/// The ids of the messages and of the ends of pages that have come, the newest [`KEPT`] of them; and for circles that are longer
/// one that is kept for as long as it takes (Brent's algorithm).
#[derive(Debug, Default)]
pub(crate) struct Trail {
    hasher: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
    anchor: Option<u64>,
    pages: u64,
    /// After how many pages another anchor is cast.
    next_anchor: u64,
}

impl Trail {
    /// Leaves out the messages that came before; how many those are.
    pub(crate) fn leave_out_known(&self, messages: &mut Vec<ArchivedMessage>) -> usize {
        let before = messages.len();
        messages.retain(|it| !self.known.contains(&self.hash(&it.archive_id)));
        before - messages.len()
    }

    /// Goes on to a page that ends so; whether nobody has been there before.
    #[must_use]
    pub(crate) fn advance(&mut self, messages: &[ArchivedMessage], end: &str) -> bool {
        let end = self.hash(end);
        if self.known.contains(&end) || self.anchor == Some(end) {
            return false;
        }
        for message in messages {
            let id = self.hash(&message.archive_id);
            self.remember(id);
        }
        self.remember(end);
        self.pages += 1;
        if self.pages > self.next_anchor {
            self.anchor = Some(end);
            self.next_anchor = self.pages * 2;
        }
        true
    }

    /// Begins behind this message.
    pub(crate) fn begin(&mut self, at: &str) {
        let at = self.hash(at);
        self.remember(at);
    }

    fn remember(&mut self, id: u64) {
        if !self.known.insert(id) {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    fn hash(&self, id: &str) -> u64 {
        self.hasher.hash_one(id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use converse_core::router::Stanza;

    use super::*;

    fn messages(ids: impl IntoIterator<Item = usize>) -> Vec<ArchivedMessage> {
        let stanza = Stanza::parse("<message/>").unwrap();
        let message = |id: usize| ArchivedMessage {
            archive_id: id.to_string(),
            time: None,
            stanza: stanza.clone(),
        };
        ids.into_iter().map(message).collect()
    }

    #[test]
    fn what_came_before_is_left_out() {
        let mut trail = Trail::default();
        trail.begin("0");
        assert!(trail.advance(&messages(1..=3), "3"));
        let mut page = messages(0..=5);
        assert_eq!(trail.leave_out_known(&mut page), 4);
        assert_eq!(page.len(), 2);
        assert!(trail.advance(&page, "5"));
        assert!(!trail.advance(&[], "2"), "it goes backwards");
        assert!(!trail.advance(&[], "0"));
    }

    #[test]
    fn a_circle_longer_than_the_memory_ends_too() {
        let mut trail = Trail::default();
        let circle = 2 * KEPT;
        let mut steps = 0;
        while trail.advance(&[], &(steps % circle).to_string()) {
            steps += 1;
        }
        assert!(steps >= circle && steps < 4 * circle, "{steps}");
        assert!(trail.known.len() <= KEPT);
    }
}
