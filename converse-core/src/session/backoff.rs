//! How long to wait before the next attempt to connect (RFC 6120 §3.3).

use std::time::Duration;

/// Exponential back-off with jitter that never shrinks until it reaches its cap.
///
/// The `n`-th wait lies between `b` and `2b` with `b = minimum · 2ⁿ`, so that clients dropped together spread out and yet no
/// wait is shorter than the one before it. At the cap the jitter is a quarter. The first wait is spread over three times
/// the minimum, because that is when a whole server's clients come back at once.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    minimum: Duration,
    maximum: Duration,
    attempt: u32,
}

impl Backoff {
    pub(crate) fn new(minimum: Duration, maximum: Duration) -> Self {
        Self {
            minimum,
            maximum: maximum.max(minimum),
            attempt: 0,
        }
    }

    /// Starts over: a session was really up.
    pub(crate) fn reset(&mut self) {
        self.attempt = 0;
    }

    /// The next wait; `fraction` in `0.0..1.0` is the jitter.
    pub(crate) fn next(&mut self, fraction: f64) -> Duration {
        let attempt = self.attempt;
        self.attempt = attempt.saturating_add(1);
        if attempt == 0 {
            return self.minimum + self.minimum.mul_f64(3.0 * fraction);
        }
        let base = self
            .minimum
            .checked_mul(1 << attempt.saturating_add(1).min(20))
            .unwrap_or(self.maximum);
        if base >= self.maximum {
            self.maximum + self.maximum.mul_f64(0.25 * fraction)
        } else {
            (base + base.mul_f64(fraction)).min(self.maximum)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use std::time::Duration;

    #[test]
    fn waits_grow_to_the_cap_and_stay_there() {
        for fraction in [0.0, 0.3, 0.999] {
            let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(120));
            let mut last = Duration::ZERO;
            for _ in 0..40 {
                let wait = backoff.next(fraction);
                assert!(wait >= last, "{wait:?} came after {last:?}");
                assert!(wait >= Duration::from_secs(1) && wait <= Duration::from_secs(150));
                last = wait;
            }
            assert!(last >= Duration::from_secs(120));
            backoff.reset();
            assert!(backoff.next(fraction) < Duration::from_secs(4));
        }
    }

    #[test]
    fn jitter_never_makes_a_wait_shorter_than_the_one_before() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(120));
        let long = backoff.next(0.999);
        let short = backoff.next(0.0);
        assert!(short >= long);
    }
}
