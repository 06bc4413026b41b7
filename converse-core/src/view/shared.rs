//! What a publisher and its views share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::task::Waker;

use super::Diff;

/// How many changes wait for a follower at most; of one more, it gets the whole list instead.
const MAX_WAITING: usize = 1_024;

#[derive(Debug)]
pub(super) struct Shared<T> {
    /// How many readers there are: changed under the lock, looked at without it.
    followers: AtomicUsize,
    state: Mutex<State<T>>,
}

/// The list while it is followed, and who follows it. What a reader has taken, and then what waits for it, always gives `list`.
#[derive(Debug)]
pub(super) struct State<T> {
    pub(super) list: Vec<T>,
    pub(super) readers: Vec<Reader<T>>,
    /// The publisher is gone: nothing comes any more.
    pub(super) closed: bool,
    next_id: u64,
}

#[derive(Debug)]
pub(super) struct Reader<T> {
    pub(super) id: u64,
    /// Empty while the reader must begin anew.
    pub(super) waiting: VecDeque<Diff<T>>,
    /// The reader must begin anew, with the list as it is when it asks.
    pub(super) anew: bool,
    pub(super) waker: Option<Waker>,
}

impl<T> Reader<T> {
    pub(super) fn push(&mut self, diff: Diff<T>) {
        if self.anew {
            return;
        }
        if self.waiting.len() >= MAX_WAITING {
            self.begin_anew();
        } else {
            self.waiting.push_back(diff);
        }
    }

    pub(super) fn begin_anew(&mut self) {
        self.anew = true;
        self.waiting = VecDeque::new();
    }

    fn has_news(&self) -> bool {
        self.anew || !self.waiting.is_empty()
    }
}

impl<T> State<T> {
    pub(super) fn is_followed(&self) -> bool {
        !self.readers.is_empty()
    }

    /// Those to wake, once the lock is released: nobody has woken them since they found nothing.
    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        let closed = self.closed;
        let readers = self.readers.iter_mut();
        let informed = readers.filter(|reader| closed || reader.has_news());
        informed.filter_map(|reader| reader.waker.take()).collect()
    }
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self {
            followers: AtomicUsize::new(0),
            state: Mutex::new(State {
                list: Vec::new(),
                readers: Vec::new(),
                closed: false,
                next_id: 0,
            }),
        }
    }
}

impl<T> Shared<T> {
    pub(super) fn is_followed(&self) -> bool {
        self.followers.load(Ordering::Acquire) > 0
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // Somebody's code panicked amid a change, and some readers may not have been told of it.
            self.state.clear_poison();
            let mut state = poisoned.into_inner();
            state.readers.iter_mut().for_each(Reader::begin_anew);
            state
        })
    }

    /// Adds a reader of the list as it is.
    pub(super) fn enter(&self, state: &mut State<T>) -> u64 {
        let id = state.next_id;
        state.next_id += 1;
        state.readers.push(Reader {
            id,
            waiting: VecDeque::new(),
            anew: false,
            waker: None,
        });
        self.followers.store(state.readers.len(), Ordering::Release);
        id
    }

    /// Forgets a reader, and with the last one the list.
    pub(super) fn leave(&self, id: u64) {
        let mut state = self.lock();
        let at = state.readers.iter().position(|reader| reader.id == id);
        let gone = at.map(|at| state.readers.swap_remove(at));
        self.followers.store(state.readers.len(), Ordering::Release);
        let list = if state.is_followed() {
            Vec::new()
        } else {
            std::mem::take(&mut state.list)
        };
        drop(state);
        drop((gone, list));
    }
}
