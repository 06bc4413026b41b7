//! The reader's end.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;

use super::Diff;
use super::shared::{Shared, State};

/// A list that is followed: what it was when the following began, and then each change. A [`Stream`] of its changes, too.
///
/// Whoever reads too slowly, and is more than 1,024 changes behind, gets [`Diff::Reset`] with the list as it is by then.
///
/// ```
/// use converse_core::view::Publisher;
///
/// # #[actix::main]
/// # async fn main() {
/// let publisher = Publisher::new();
/// let mut view = publisher.follow(|| vec![1, 2]);
/// let mut shown = view.snapshot().to_vec();
///
/// publisher.edit(|list| list.push(3));
/// drop(publisher);
/// while let Some(diff) = view.next().await {
///     diff.apply(&mut shown).unwrap();
///     assert_eq!(shown, view.snapshot());
/// }
/// assert_eq!(shown, [1, 2, 3]);
/// # }
/// ```
#[must_use = "who does not read a view does not follow anything"]
pub struct View<T> {
    shared: Arc<Shared<T>>,
    id: u64,
    list: Vec<T>,
}

impl<T> View<T> {
    pub(super) fn new(shared: Arc<Shared<T>>, id: u64, list: Vec<T>) -> Self {
        Self { shared, id, list }
    }

    /// The list with all changes made that were taken from this view.
    #[must_use]
    pub fn snapshot(&self) -> &[T] {
        &self.list
    }
}

impl<T: Clone> View<T> {
    /// Waits for the next change, makes it in the [`snapshot`](Self::snapshot) and returns it; `None` when the list is gone.
    ///
    /// Giving up the wait loses nothing.
    pub async fn next(&mut self) -> Option<Diff<T>> {
        poll_fn(|cx| self.poll_change(Some(cx))).await
    }

    /// The same without waiting: `None` also when nothing has changed.
    pub fn try_next(&mut self) -> Option<Diff<T>> {
        match self.poll_change(None) {
            Poll::Ready(diff) => diff,
            Poll::Pending => None,
        }
    }

    fn poll_change(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<Diff<T>>> {
        let mut state = self.shared.lock();
        let State {
            list,
            readers,
            closed,
            ..
        } = &mut *state;
        let Some(reader) = readers.iter_mut().find(|reader| reader.id == self.id) else {
            return Poll::Ready(None);
        };
        if reader.anew {
            let items = list.clone();
            reader.anew = false;
            drop(state);
            self.list.clone_from(&items);
            return Poll::Ready(Some(Diff::Reset(items)));
        }
        if let Some(diff) = reader.waiting.pop_front() {
            drop(state);
            // It fitted the publisher's list, which was the same.
            let fitted = diff.clone().apply(&mut self.list);
            debug_assert_eq!(fitted, Ok(()), "a view must be what its publisher has");
            return Poll::Ready(Some(diff));
        }
        if *closed {
            return Poll::Ready(None);
        }
        if let Some(cx) = cx {
            match &mut reader.waker {
                Some(waker) => waker.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
        }
        Poll::Pending
    }
}

/// Nothing in it is ever pinned.
impl<T> Unpin for View<T> {}

impl<T: Clone> Stream for View<T> {
    type Item = Diff<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Diff<T>>> {
        self.poll_change(Some(cx))
    }
}

impl<T> fmt::Debug for View<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("len", &self.list.len())
            .finish_non_exhaustive()
    }
}

impl<T> Drop for View<T> {
    fn drop(&mut self) {
        self.shared.leave(self.id);
    }
}
