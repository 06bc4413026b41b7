//! What came before the message that it is about.

use std::collections::VecDeque;

use crate::model::fold::{Change, Fold};

/// How many changes wait in a chat for their messages; with one more, the oldest is forgotten.
pub(crate) const MAX_EARLY: usize = 64;

/// Changes that wait for their messages, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Early {
    changes: VecDeque<Change>,
}

impl Early {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn note(&mut self, change: Change) {
        // The newest of a kind is all that counts, so that nobody fills the place by repeating himself.
        self.changes.retain(|other| !same_kind(other, &change));
        if self.changes.len() >= MAX_EARLY {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    /// Takes what is about a message that has one of these ids.
    pub(super) fn take(&mut self, ids: &[&str]) -> Vec<Change> {
        let (taken, left) = std::mem::take(&mut self.changes)
            .into_iter()
            .partition::<Vec<_>, _>(|change| ids.contains(&change.fold.target()));
        self.changes = left.into();
        taken
    }
}

fn same_kind(one: &Change, other: &Change) -> bool {
    let kind = |change: &Change| std::mem::discriminant::<Fold>(&change.fold);
    one.by.whose == other.by.whose
        && kind(one) == kind(other)
        && one.fold.target() == other.fold.target()
        && one.by.time <= other.by.time
}
