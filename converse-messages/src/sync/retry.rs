//! When an archive that did not tell everything is asked again.

use std::time::Duration;

/// How long it is waited the first time, and at most.
const WAITS: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(900));

/// Whether an archive has still to tell what it has, in this session.
#[derive(Debug, Default)]
pub(super) struct Retry {
    is_due: bool,
    failures: u32,
}

impl Retry {
    /// It is asked now.
    pub(super) fn begin(&mut self) {
        self.is_due = true;
    }

    /// It has told everything, or says that it does not.
    pub(super) fn done(&mut self) {
        *self = Self::default();
    }

    /// It did not tell everything; after what time it is asked again: 30 seconds, each time twice as long, 15 minutes at most.
    pub(super) fn failed(&mut self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        WAITS.0.saturating_mul(factor).min(WAITS.1)
    }

    /// Whether it has still to be asked.
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }
}
