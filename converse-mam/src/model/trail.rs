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
    /// Goes on to a page that ends so, and leaves out its messages that came before; how many those are, and whether nobody has
    /// been at its end before.
    pub(crate) fn advance(
        &mut self,
        messages: &mut Vec<ArchivedMessage>,
        end: Option<&str>,
    ) -> (usize, bool) {
        let end = end.map(|end| self.hasher.hash_one(end));
        let end = end.filter(|end| !self.known.contains(end) && self.anchor != Some(*end));
        let came = messages.len();
        messages.retain(|it| {
            let id = self.hasher.hash_one(&it.archive_id);
            self.remember(id)
        });
        if let Some(end) = end {
            self.remember(end);
            self.pages += 1;
            if self.pages > self.next_anchor {
                self.anchor = Some(end);
                self.next_anchor = self.pages * 2;
            }
        }
        (came - messages.len(), end.is_some())
    }

    /// Begins behind this message.
    pub(crate) fn begin(&mut self, at: &str) {
        let at = self.hasher.hash_one(at);
        self.remember(at);
    }

    /// Whether it is new.
    fn remember(&mut self, id: u64) -> bool {
        if !self.known.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
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
        assert_eq!(trail.advance(&mut messages(1..=3), Some("3")), (0, true));
        let mut page = messages(0..=5);
        assert_eq!(trail.advance(&mut page, Some("5")), (4, true));
        assert_eq!(page.len(), 2);
        assert!(!trail.advance(&mut messages([1, 2]), Some("2")).1);
        assert!(!trail.advance(&mut messages([]), Some("0")).1);
        assert_eq!(trail.advance(&mut messages([6, 6]), None), (1, false));
    }

    #[test]
    fn a_circle_longer_than_the_memory_ends_too() {
        let mut trail = Trail::default();
        let circle = 2 * KEPT;
        let mut steps = 0;
        let mut goes_on = true;
        while goes_on {
            let end = (steps % circle).to_string();
            goes_on = trail.advance(&mut Vec::new(), Some(&end)).1;
            steps += 1;
        }
        assert!(steps > circle && steps < 4 * circle, "{steps}");
        assert!(trail.known.len() <= KEPT);
    }
}
