//! How long to wait before a room is entered again that could not be entered, or sent the user away, for a reason that may pass.

use std::time::Duration;

/// Before the second attempt.
const SHORTEST: Duration = Duration::from_secs(15);
/// Before the later ones.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The pause after so many failures before: twice as long each time. `jitter`, in 0..1, makes it up to twice as long, so that the
/// clients of a service that was restarted do not all come at once.
pub(super) fn pause(failures: u32, jitter: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.min(16));
    let pause = SHORTEST.saturating_mul(doubled).min(LONGEST);
    pause.mul_f64(1.0 + jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_quarter_of_an_hour() {
        assert_eq!(pause(0, 0.0), SHORTEST);
        assert_eq!(pause(1, 0.0), SHORTEST * 2);
        assert_eq!(pause(1, 0.5), SHORTEST * 3);
        assert_eq!(pause(10, 0.0), LONGEST);
        assert_eq!(pause(u32::MAX, 1.0), LONGEST * 2);
    }
}
