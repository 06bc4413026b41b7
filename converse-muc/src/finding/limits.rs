//! When search services may be asked again (XEP-0433 §5).

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use jid::BareJid;

/// How many services are remembered.
const MAX_SERVICES: usize = 32;
/// How long to wait the first time that a service does not say how long, in seconds; each time twice as long.
const FIRST_WAIT: u64 = 30;
/// How long to wait at most, in seconds.
const LONGEST_WAIT: u64 = 24 * 3_600;
/// How often the wait is doubled.
const MAX_DOUBLINGS: u32 = 7;

/// The services that have asked to be left alone.
#[derive(Debug, Default)]
pub(super) struct Limits {
    services: HashMap<BareJid, Limit>,
}

#[derive(Debug)]
struct Limit {
    until: DateTime<Utc>,
    /// How often the service has said so since it last answered.
    times: u32,
}

impl Limits {
    /// For how many seconds a service is still not to be asked.
    pub(super) fn wait(&self, service: &BareJid, now: DateTime<Utc>) -> Option<u64> {
        let left = self.services.get(service)?.until - now;
        let left = u64::try_from(left.num_milliseconds()).ok()?;
        Some(left.div_ceil(1_000)).filter(|left| *left > 0)
    }

    /// A service does not want to be asked for so many seconds, if it says; gives how many that are.
    pub(super) fn limit(
        &mut self,
        service: &BareJid,
        retry_after: Option<u64>,
        now: DateTime<Utc>,
    ) -> u64 {
        let times = self.services.get(service).map_or(0, |limit| limit.times);
        let wait = retry_after.unwrap_or(FIRST_WAIT << times.min(MAX_DOUBLINGS));
        let wait = wait.min(LONGEST_WAIT);
        self.make_room(service);
        let seconds = TimeDelta::seconds(i64::try_from(wait).unwrap_or_default());
        let limit = Limit {
            until: now + seconds,
            times: times + 1,
        };
        self.services.insert(service.clone(), limit);
        wait
    }

    /// A service has answered.
    pub(super) fn lift(&mut self, service: &BareJid) {
        self.services.remove(service);
    }

    fn make_room(&mut self, service: &BareJid) {
        if self.services.len() >= MAX_SERVICES && !self.services.contains_key(service) {
            let soonest = self.services.iter().min_by_key(|(_, limit)| limit.until);
            let soonest = soonest.map(|(service, _)| service.clone());
            soonest.map(|soonest| self.services.remove(&soonest));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn who_does_not_say_how_long_is_given_ever_more_time() {
        let mut limits = Limits::default();
        let service: BareJid = "search.example".parse().unwrap();
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        assert_eq!(limits.wait(&service, now), None);
        assert_eq!(limits.limit(&service, None, now), 30);
        assert_eq!(limits.limit(&service, None, now), 60);
        assert_eq!(limits.limit(&service, Some(5), now), 5);
        assert_eq!(
            limits.wait(&service, now + TimeDelta::milliseconds(4_500)),
            Some(1)
        );
        assert_eq!(limits.wait(&service, now + TimeDelta::seconds(5)), None);
        for _ in 0..100 {
            assert!(limits.limit(&service, None, now) <= 30 << MAX_DOUBLINGS);
        }
        limits.lift(&service);
        assert_eq!(limits.limit(&service, None, now), 30);
        assert_eq!(limits.limit(&service, Some(u64::MAX), now), LONGEST_WAIT);
    }

    #[test]
    fn no_more_services_are_remembered_than_there_is_room_for() {
        let mut limits = Limits::default();
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        for number in 0..100 {
            let service = format!("s{number}.example").parse().unwrap();
            limits.limit(&service, Some(number), now);
        }
        assert_eq!(limits.services.len(), MAX_SERVICES);
        assert!(limits.wait(&"s99.example".parse().unwrap(), now).is_some());
    }
}
