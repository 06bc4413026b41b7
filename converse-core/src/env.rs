//! What an instance takes from the outside world, so that a test can put something else in its place.
//!
//! Timers are always `tokio::time`, which a test pauses; the wall clock and every random choice come from here.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, FixedOffset, Local, Offset as _, Utc};
use ring::rand::SecureRandom as _;

/// The wall clock: stamps on messages, never timers.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;

    /// How far the user's own time is from it (XEP-0082); contacts are told when they ask for the time (XEP-0202).
    fn offset(&self) -> FixedOffset {
        Utc.fix()
    }
}

/// Where ids, nonces and jitter come from.
pub trait RandomSource: fmt::Debug + Send + Sync {
    /// Fills `bytes` with unpredictable ones.
    fn fill(&self, bytes: &mut [u8]);

    /// An id nobody can guess and nobody has used (RFC 6120 §8.1.3): 120 random bits, URL-safe.
    fn stanza_id(&self) -> String {
        let mut bytes = [0; 15];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A number in `0.0..1.0`, for jitter.
    fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn offset(&self) -> FixedOffset {
        *Local::now().offset()
    }
}

/// The operating system's random numbers.
#[derive(Debug, Clone)]
pub struct SystemRandom {
    source: ring::rand::SystemRandom,
}

impl SystemRandom {
    /// The operating system's source.
    #[must_use]
    pub fn new() -> Self {
        Self {
            source: ring::rand::SystemRandom::new(),
        }
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if self.source.fill(bytes).is_err() {
            // Going on with predictable ids would break the sender checks that rest on them.
            tracing::error!(
                "the operating system gave no random numbers; the process cannot go on"
            );
            std::process::abort();
        }
    }
}

/// The clock and the randomness of one instance.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Ids, nonces and jitter.
    pub random: Arc<dyn RandomSource>,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::new()),
        }
    }
}
