//! When the user last did something.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// How often activity is announced at most.
const ANNOUNCED_EVERY: Duration = Duration::from_secs(1);

/// The last activity, in nanoseconds since the instance started; noting it takes two atomic steps.
#[derive(Debug)]
pub(crate) struct Activity {
    start: Instant,
    last: AtomicU64,
    /// When it was announced last, and one nanosecond, so that 0 is never.
    announced: AtomicU64,
}

impl Default for Activity {
    /// Whoever starts the instance is there.
    fn default() -> Self {
        Self {
            start: Instant::now(),
            last: AtomicU64::new(0),
            announced: AtomicU64::new(0),
        }
    }
}

impl Activity {
    /// The user does something now; `true` if it is time to announce that.
    pub(crate) fn note(&self) -> bool {
        let now = self.elapsed();
        self.last.fetch_max(now, Ordering::Relaxed);
        let before = self.announced.load(Ordering::Relaxed);
        let is_due = before == 0 || now + 1 >= before + nanoseconds(ANNOUNCED_EVERY);
        // Of two threads that see this at once, one announces it.
        is_due
            && self
                .announced
                .compare_exchange(before, now + 1, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// For how long the user has done nothing.
    pub(crate) fn idle(&self) -> Duration {
        let last = self.last.load(Ordering::Relaxed);
        Duration::from_nanos(self.elapsed().saturating_sub(last))
    }

    fn elapsed(&self) -> u64 {
        nanoseconds(self.start.elapsed())
    }
}

/// Enough for five centuries.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX - 1)
}
