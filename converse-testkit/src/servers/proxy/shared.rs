//! What a proxy and its connections share.

use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::Direction;

/// What the connections look at.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) target: SocketAddr,
    pub(super) state: watch::Sender<State>,
    pub(super) open: watch::Sender<usize>,
    pub(super) accepted: AtomicUsize,
    pub(super) limit: Mutex<Option<(Direction, usize)>>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    /// How often all connections were cut.
    pub(super) cuts: usize,
    /// Whether the latest cut ends connections in order (FIN) and not with a reset (RST).
    pub(super) orderly: bool,
    pub(super) stalled: bool,
}

impl Shared {
    pub(super) fn end_all(&self, orderly: bool) {
        self.state.send_modify(|state| {
            state.cuts += 1;
            state.orderly = orderly;
        });
    }

    /// How many of `bytes` may still go in this direction, and whether that was the last.
    pub(super) fn allow(&self, direction: Direction, bytes: usize) -> (usize, bool) {
        let mut limit = lock(&self.limit);
        match limit.as_mut() {
            Some((limited, left)) if *limited == direction => {
                let allowed = bytes.min(*left);
                *left -= allowed;
                let last = *left == 0;
                if last {
                    *limit = None;
                }
                (allowed, last)
            }
            _ => (bytes, false),
        }
    }
}

/// A poisoned lock only says that another test thread panicked while it held it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
