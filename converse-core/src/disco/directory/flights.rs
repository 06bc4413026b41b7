//! Questions on their way: who asks the same waits for the same answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::{FutureExt as _, Shared, WeakShared};

use crate::error::Error;
use crate::router::StanzaError;

type Answer<V> = Pin<Box<dyn Future<Output = Result<V, Arc<Error>>> + Send>>;

/// What everybody who asks polls.
pub(super) type Flight<V> = Shared<Answer<V>>;

/// The questions that are on their way. One that nobody waits for any more is given up.
pub(super) struct Flights<K, V> {
    underway: HashMap<K, WeakShared<Answer<V>>>,
}

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self {
            underway: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash, V: Clone> Flights<K, V> {
    /// Those that were given up are swept out when there are so many.
    const SWEEP_AT: usize = 64;

    /// The question under way for `key`, or a new one; whether it is new.
    pub(super) fn join(&mut self, key: K, ask: impl FnOnce() -> Answer<V>) -> (Flight<V>, bool) {
        let underway = self.underway.get(&key).and_then(WeakShared::upgrade);
        if let Some(flight) = underway {
            return (flight, false);
        }
        if self.underway.len() >= Self::SWEEP_AT {
            self.underway.retain(|_, flight| flight.upgrade().is_some());
        }
        let flight = ask().shared();
        if let Some(weak) = flight.downgrade() {
            self.underway.insert(key, weak);
        }
        (flight, true)
    }

    /// The question is answered.
    pub(super) fn land(&mut self, key: &K) {
        self.underway.remove(key);
    }
}

/// The error once more, for each of those who wait.
pub(super) fn again(error: &Arc<Error>) -> Error {
    let copy = Error::new(error.kind(), error.to_string());
    match error.cause::<StanzaError>() {
        Some(cause) => copy.with_source(cause.clone()),
        None => copy.with_source(Arc::clone(error)),
    }
}
