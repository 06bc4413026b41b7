//! Changing a list that is followed.

use std::cmp::Ordering;

use super::shared::{Reader, State};
use super::{Diff, ViewError};

/// The list as its followers have it, to be changed: what [`Publisher::edit`](super::Publisher::edit) lends.
///
/// Nobody follows, nothing is kept: then [`items`](Self::items) is empty and every change does nothing. A position that the list
/// does not have is a mistake of the owner; it is logged, and the change is left out.
#[derive(Debug)]
pub struct Edit<'a, T> {
    state: &'a mut State<T>,
}

impl<'a, T> Edit<'a, T> {
    pub(super) fn new(state: &'a mut State<T>) -> Self {
        Self { state }
    }

    /// Whether anybody follows.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.state.is_followed()
    }

    /// What the list is for its followers: empty when there are none.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.state.list
    }
}

impl<T: Clone> Edit<'_, T> {
    /// Makes any change.
    pub fn apply(&mut self, diff: Diff<T>) {
        if !self.is_followed() {
            return;
        }
        if let Err(error) = self.try_apply(diff) {
            tracing::error!(
                %error,
                "a change does not fit the list that is followed; it is left out"
            );
        }
    }

    /// Inserts an entry before the one at `index`, or at the end where `index` is the length of the list.
    pub fn insert(&mut self, index: usize, item: T) {
        self.apply(Diff::Insert { index, item });
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, item: T) {
        self.insert(self.state.list.len(), item);
    }

    /// Replaces the entry at `index`.
    pub fn update(&mut self, index: usize, item: T) {
        self.apply(Diff::Update { index, item });
    }

    /// Removes the entry at `index`.
    pub fn remove(&mut self, index: usize) {
        self.apply(Diff::Remove { index });
    }

    /// Replaces the whole list.
    pub fn reset(&mut self, items: Vec<T>) {
        self.apply(Diff::Reset(items));
    }

    /// Puts an entry where `order` wants it, for lists that are sorted: it replaces the one that is equal by `order`, else it
    /// is inserted.
    pub fn put_sorted(&mut self, item: T, mut order: impl FnMut(&T, &T) -> Ordering) {
        let place = self
            .state
            .list
            .binary_search_by(|other| order(other, &item));
        match place {
            Ok(index) => self.update(index, item),
            Err(index) => self.insert(index, item),
        }
    }

    /// Removes the entry for which `order` says that it is neither before nor behind the place, for lists that are sorted.
    /// Without such an entry nothing changes.
    pub fn remove_sorted(&mut self, order: impl FnMut(&T) -> Ordering) {
        if let Ok(index) = self.state.list.binary_search_by(order) {
            self.remove(index);
        }
    }

    fn try_apply(&mut self, diff: Diff<T>) -> Result<(), ViewError> {
        let State { list, readers, .. } = &mut *self.state;
        if let Diff::Reset(items) = diff {
            *list = items;
            readers.iter_mut().for_each(Reader::begin_anew);
            return Ok(());
        }
        diff.clone().apply(list)?;
        for reader in readers {
            reader.push(diff.clone());
        }
        Ok(())
    }
}
