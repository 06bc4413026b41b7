//! Time that a test moves, and randomness that a test can repeat.
//!
//! [`run`] runs a test in virtual time: when nothing is left to do but wait, the clock jumps to the next timer. A test of an
//! hour of reconnecting takes milliseconds, and takes the same course each time.
//!
//! ```
//! use std::time::Duration;
//!
//! use converse_testkit::clock;
//!
//! let waited = clock::run(async {
//!     let start = tokio::time::Instant::now();
//!     tokio::time::sleep(Duration::from_secs(3600)).await;
//!     start.elapsed()
//! });
//! assert_eq!(waited.as_secs(), 3600);
//! ```

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::env::{Clock, Environment, RandomSource};
use ring::digest;
use tokio::time::Instant;

/// Runs `future` on an actix system of this thread, in virtual time.
///
/// # Panics
///
/// When the operating system gives no event queue to run on.
#[expect(
    clippy::expect_used,
    reason = "actix wants a runtime from the closure; without one there is no test"
)]
pub fn run<F: Future>(future: F) -> F::Output {
    let runner = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime")
    });
    runner.block_on(future)
}

/// Lets everything happen that can happen without waiting: time moves by a millisecond.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// A clock and random numbers as a test wants them; the number picks the random sequence.
#[must_use]
pub fn environment(seed: u64) -> Environment {
    Environment {
        clock: Arc::new(VirtualClock::default()),
        random: Arc::new(SeededRandom::new(seed)),
    }
}

/// A wall clock that starts at 2026-03-01T00:00:00Z and moves with virtual time.
#[derive(Debug)]
pub struct VirtualClock {
    start: Instant,
    skew_ms: AtomicI64,
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            skew_ms: AtomicI64::new(0),
        }
    }
}

impl VirtualClock {
    /// When a test begins, in seconds since 1970.
    const EPOCH: i64 = 1_772_323_200;

    /// Moves the wall clock, and only that: as if somebody had set it.
    pub fn shift(&self, by: TimeDelta) {
        self.skew_ms
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.start.elapsed()).unwrap_or_default();
        let skew = TimeDelta::milliseconds(self.skew_ms.load(Ordering::Relaxed));
        DateTime::from_timestamp(Self::EPOCH, 0).unwrap_or_default() + passed + skew
    }
}

/// Random numbers that are the same in every run with the same seed.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    blocks: Mutex<u64>,
}

impl SeededRandom {
    /// The sequence of this seed, from its start.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            blocks: Mutex::new(0),
        }
    }
}

impl RandomSource for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            let mut input = [0; 16];
            input[..8].copy_from_slice(&self.seed.to_le_bytes());
            input[8..].copy_from_slice(&blocks.to_le_bytes());
            *blocks += 1;
            let block = digest::digest(&digest::SHA256, &input);
            chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        }
    }
}
