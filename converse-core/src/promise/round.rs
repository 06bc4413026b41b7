//! One life of a promise, from being armed to being kept or cancelled, and the future that waits for it.

use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::PromiseError;

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Resolved,
    Cancelled,
}

#[derive(Debug, Default)]
pub(super) struct Round {
    outcome: AtomicU8,
    waiters: Mutex<Waiters>,
}

#[derive(Debug, Default)]
struct Waiters {
    next: u64,
    wakers: Vec<(u64, Waker)>,
}

impl Round {
    pub(super) fn outcome(&self) -> Option<Outcome> {
        match self.outcome.load(Ordering::Acquire) {
            0 => None,
            1 => Some(Outcome::Resolved),
            _ => Some(Outcome::Cancelled),
        }
    }

    /// Ends the round and wakes its waiters in the order in which they came. Only the first end counts.
    pub(super) fn finish(&self, outcome: Outcome) {
        let value = match outcome {
            Outcome::Resolved => 1,
            Outcome::Cancelled => 2,
        };
        if self
            .outcome
            .compare_exchange(0, value, Ordering::AcqRel, Ordering::Acquire)
            .is_err()
        {
            return;
        }
        let wakers = std::mem::take(&mut self.waiters().wakers);
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The future of [`Promises::wait_until`](super::Promises::wait_until).
#[derive(Debug)]
#[must_use = "a promise is only waited for when it is awaited"]
pub struct Waiting {
    state: State,
}

#[derive(Debug)]
enum State {
    On {
        name: String,
        round: Arc<Round>,
        key: Option<u64>,
    },
    Failed(PromiseError),
}

impl Waiting {
    pub(super) fn on(name: &str, round: Arc<Round>) -> Self {
        let name = name.to_owned();
        let key = None;
        Self {
            state: State::On { name, round, key },
        }
    }

    pub(super) fn failed(error: PromiseError) -> Self {
        Self {
            state: State::Failed(error),
        }
    }
}

impl Future for Waiting {
    type Output = Result<(), PromiseError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (name, round, key) = match &mut self.state {
            State::Failed(error) => return Poll::Ready(Err(error.clone())),
            State::On { name, round, key } => (name, round, key),
        };
        // The lock is taken before the outcome is read: an end in between finds the waker.
        let mut waiters = round.waiters();
        match round.outcome() {
            Some(Outcome::Resolved) => Poll::Ready(Ok(())),
            Some(Outcome::Cancelled) => {
                let name = name.clone();
                Poll::Ready(Err(PromiseError::Cancelled { name }))
            }
            None => {
                let known = key.and_then(|key| waiters.wakers.iter_mut().find(|(k, _)| *k == key));
                if let Some((_, waker)) = known {
                    waker.clone_from(cx.waker());
                } else {
                    *key = Some(waiters.next);
                    let entry = (waiters.next, cx.waker().clone());
                    waiters.next += 1;
                    waiters.wakers.push(entry);
                }
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let State::On {
            round,
            key: Some(key),
            ..
        } = &self.state
        {
            round.waiters().wakers.retain(|(k, _)| k != key);
        }
    }
}
