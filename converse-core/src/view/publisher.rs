//! The writer's end.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::shared::Shared;
use super::{Diff, Edit, View};

/// The writer's end of a list that can be followed, kept beside the list by its owner. What the owner has to obey stands at the
/// [module](super#the-rule-for-owners).
///
/// Nothing here waits for a follower. When the publisher is dropped, its views give what waits for them, and end.
pub struct Publisher<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Publisher<T> {
    /// A publisher that nobody follows yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Arc::default(),
        }
    }

    /// Whether anybody follows: without a follower, changes need not be told. An owner with a lock of its own may rely on the
    /// answer `false` while it holds that lock.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.shared.is_followed()
    }
}

impl<T: Clone> Publisher<T> {
    /// Tells the followers of a change, for owners that know the position. A position that the list does not have is logged,
    /// and the change left out.
    pub fn send(&self, diff: Diff<T>) {
        if self.is_followed() {
            self.edit(|list| list.apply(diff));
        }
    }

    /// Tells the followers of a sorted list of an entry that is new or has changed, as [`Edit::put_sorted`]. `item` is only
    /// called when there is a follower.
    ///
    /// ```
    /// use converse_core::view::{Diff, Publisher};
    ///
    /// let publisher = Publisher::new();
    /// let mut view = publisher.follow(|| vec![("juliet", "away"), ("romeo", "online")]);
    /// publisher.put_sorted(|| ("nurse", "dnd"), |one, other| one.0.cmp(other.0));
    /// publisher.remove_sorted(|entry| entry.0.cmp("romeo"));
    ///
    /// assert_eq!(view.try_next(), Some(Diff::Insert { index: 1, item: ("nurse", "dnd") }));
    /// assert_eq!(view.try_next(), Some(Diff::Remove { index: 2 }));
    /// ```
    pub fn put_sorted(&self, item: impl FnOnce() -> T, order: impl FnMut(&T, &T) -> Ordering) {
        if self.is_followed() {
            let item = item();
            self.edit(|list| list.put_sorted(item, order));
        }
    }

    /// Tells the followers of a sorted list that an entry is gone, as [`Edit::remove_sorted`].
    pub fn remove_sorted(&self, order: impl FnMut(&T) -> Ordering) {
        if self.is_followed() {
            self.edit(|list| list.remove_sorted(order));
        }
    }

    /// Runs `edit` under the publisher's lock, whether anybody follows or not, and lends it the list as its followers have it.
    /// A new follower comes before all of it or after all of it.
    ///
    /// ```
    /// use converse_core::view::{Diff, Publisher};
    /// use std::cell::RefCell;
    ///
    /// let names = RefCell::new(vec!["Juliet", "Romeo"]);
    /// let publisher = Publisher::new();
    /// let mut view = publisher.follow(|| names.borrow().clone());
    ///
    /// publisher.edit(|list| {
    ///     names.borrow_mut().pop();
    ///     list.remove(1);
    /// });
    /// assert_eq!(view.try_next(), Some(Diff::Remove { index: 1 }));
    /// ```
    pub fn edit<R>(&self, edit: impl FnOnce(&mut Edit<'_, T>) -> R) -> R {
        let mut state = self.shared.lock();
        let result = edit(&mut Edit::new(&mut state));
        let wakers = state.take_wakers();
        drop(state);
        for waker in wakers {
            waker.wake();
        }
        result
    }

    /// Begins to follow the list that `snapshot` gives, which is called under the publisher's lock, and only when nobody follows
    /// yet: otherwise what the others follow is the list.
    pub fn follow(&self, snapshot: impl FnOnce() -> Vec<T>) -> View<T> {
        let mut state = self.shared.lock();
        if !state.is_followed() {
            state.list = snapshot();
        }
        let list = state.list.clone();
        let id = self.shared.enter(&mut state);
        drop(state);
        View::new(Arc::clone(&self.shared), id, list)
    }
}

impl<T> Default for Publisher<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Publisher<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("followed", &self.is_followed())
            .finish_non_exhaustive()
    }
}

impl<T> Drop for Publisher<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        let wakers = state.take_wakers();
        drop(state);
        for waker in wakers {
            waker.wake();
        }
    }
}
