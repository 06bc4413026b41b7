//! What becomes of the status when nobody is there.

use std::time::Duration;

use crate::model::Status;

/// After how much time without activity what happens; `None` is never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct IdleRules {
    pub(crate) away: Option<Duration>,
    pub(crate) xa: Option<Duration>,
    pub(crate) inactive: Option<Duration>,
}

impl IdleRules {
    /// The rules as settings say them: seconds, where nothing and less is never.
    pub(crate) fn of_seconds(away: i64, xa: i64, inactive: i64) -> Self {
        let after = |seconds: i64| {
            let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
            seconds.map(Duration::from_secs)
        };
        Self {
            away: after(away),
            xa: after(xa),
            inactive: after(inactive),
        }
    }

    /// The status in the place of the `chosen` one after so much time without activity, if it takes its place: what says
    /// more than that nobody is there, or that the user is not seen, stays.
    pub(crate) fn automatic(&self, chosen: Status, idle: Duration) -> Option<Status> {
        let is_past = |limit: Option<Duration>| limit.is_some_and(|limit| idle >= limit);
        match chosen {
            Status::Online | Status::Chat | Status::Away if is_past(self.xa) => Some(Status::Xa),
            Status::Online | Status::Chat if is_past(self.away) => Some(Status::Away),
            _ => None,
        }
    }

    /// Whether the server is to hold back what can wait.
    pub(crate) fn is_inactive(&self, idle: Duration) -> bool {
        self.inactive.is_some_and(|limit| idle >= limit)
    }

    /// After how much time without activity the next thing happens, when there was none for `idle`.
    pub(crate) fn next(&self, idle: Duration) -> Option<Duration> {
        [self.away, self.xa, self.inactive]
            .into_iter()
            .flatten()
            .filter(|limit| *limit > idle)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::IdleRules;
    use crate::model::Status;

    #[test]
    fn who_is_idle_becomes_away_and_then_xa_unless_that_says_less() {
        let rules = IdleRules::of_seconds(3, 6, 0);
        let after = |status, seconds| rules.automatic(status, Duration::from_secs(seconds));
        for status in [Status::Online, Status::Chat] {
            assert_eq!(after(status, 2), None);
            assert_eq!(after(status, 3), Some(Status::Away));
            assert_eq!(after(status, 6), Some(Status::Xa));
        }
        assert_eq!(after(Status::Away, 5), None);
        assert_eq!(after(Status::Away, 6), Some(Status::Xa));
        for status in [
            Status::Dnd,
            Status::Xa,
            Status::Offline,
            Status::Unavailable,
        ] {
            assert_eq!(after(status, 100), None);
        }
    }

    #[test]
    fn nothing_and_less_is_never() {
        let rules = IdleRules::of_seconds(0, -1, i64::MIN);
        assert_eq!(rules, IdleRules::default());
        let long = Duration::from_secs(u64::MAX);
        assert_eq!(rules.automatic(Status::Online, long), None);
        assert!(!rules.is_inactive(long));
        assert_eq!(rules.next(Duration::ZERO), None);
    }

    #[test]
    fn the_next_thing_is_the_nearest_that_has_not_happened() {
        let rules = IdleRules::of_seconds(3, 6, 4);
        let next = |seconds| rules.next(Duration::from_secs(seconds));
        assert_eq!(next(0), rules.away);
        assert_eq!(next(3), rules.inactive);
        assert_eq!(next(4), rules.xa);
        assert_eq!(next(6), None);
    }
}
