//! How the user gets into a room: the steps, in their order, and what each of them waits for (XEP-0045 §7.2).

mod retry;
mod turnstile;

use std::time::Duration;

use chrono::{DateTime, Utc};
use converse_core::settings::Secret;
use tokio::time::Instant;

use super::attendance::Attendance;
use super::kept::minute;
use crate::error::JoinError;

pub(crate) use turnstile::Turnstile;

/// How many nicks are tried when one after the other is taken.
const MAX_CONFLICTS: u32 = 10;

/// How far an attempt has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is no attempt, or it has ended.
    #[default]
    Idle,
    /// It waits for its turn.
    Queued,
    /// The room is asked what it is, or which nick it keeps.
    Asking,
    /// The room was told that the user comes, under this nick.
    Knocking(String),
}

/// The way of the user into a room, and whether there is to be another one.
#[derive(Debug, Default)]
pub(crate) struct Joining {
    /// Counts the attempts, so that an answer to an old one is not taken for a new one's.
    pub(crate) attempt: u64,
    pub(crate) step: Step,
    /// The nick to ask for; `None` if the room or a setting is to say.
    pub(crate) wanted_nick: Option<String>,
    pub(crate) password: Option<Secret>,
    /// Whether the room need not be asked what it is, because it told before.
    pub(crate) is_known: bool,
    /// Whether what was said before comes from the room's archive, and the room was asked not to tell it.
    pub(crate) is_archived: bool,
    /// Whether the next session, or a later time, is to see another attempt.
    pub(crate) rejoins: bool,
    /// Why the last attempt failed.
    pub(crate) error: Option<JoinError>,
    /// When there was the last sign of the room while the user was in it: what was said later is not known.
    pub(crate) last_seen: Option<DateTime<Utc>>,
    /// Whether the room has told what was said before this visit.
    is_caught_up: bool,
    /// When something has to be done, if nothing happens before.
    pub(crate) due: Option<Instant>,
    pub(crate) attendance: Attendance,
    /// How many nicks were taken in this attempt.
    conflicts: u32,
    /// How many attempts in a row failed in a way that may pass.
    failures: u32,
}

/// What is to be done when time has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing yet; to look again at this time.
    At(Instant),
    /// The room has not answered the presence that was to enter it under this nick.
    GiveUp(String),
    /// To find out whether the user is still in the room (XEP-0410).
    Ping,
    /// To try again to enter.
    Retry,
}

impl Joining {
    /// Begins an attempt, which waits for its turn.
    pub(crate) fn begin(&mut self) {
        self.attempt += 1;
        self.step = Step::Queued;
        self.conflicts = 0;
        self.error = None;
        self.rejoins = true;
        self.due = None;
        self.is_caught_up = false;
        self.attendance = Attendance::default();
    }

    /// Ends what is going on; nothing that was asked is answered any more.
    pub(crate) fn stop(&mut self) {
        self.attempt += 1;
        self.step = Step::Idle;
        self.due = None;
        self.is_caught_up = false;
        self.attendance = Attendance::default();
    }

    /// The nick under which the room was told that the user comes, while it has not said yes or no.
    pub(crate) fn requested(&self) -> Option<&str> {
        match &self.step {
            Step::Knocking(nick) => Some(nick),
            _ => None,
        }
    }

    /// The room is told that the user comes; it has until `due` to answer.
    pub(crate) fn knock(&mut self, nick: String, now: Instant, patience: Duration) {
        self.step = Step::Knocking(nick);
        self.attendance.hear(now);
        self.due = Some(now + patience);
    }

    /// The room gave a sign of life; whether it is the first of a minute.
    pub(crate) fn hear(&mut self, now: Instant, clock: impl FnOnce() -> DateTime<Utc>) -> bool {
        self.attendance.hear(now);
        if !self.is_caught_up {
            return false;
        }
        let now = clock();
        let before = self.last_seen.replace(now);
        before.map(minute) != Some(minute(now))
    }

    /// The room has told what was said before: its subject comes after that (XEP-0045 §7.2.15). From now on nothing is missed.
    pub(crate) fn catch_up(&mut self) {
        self.is_caught_up = true;
    }

    /// The room has let the user in.
    pub(crate) fn succeed(&mut self) {
        self.step = Step::Idle;
        self.due = Some(self.attendance.next_look());
    }

    /// The attempt failed, or the user was sent away; `may_pass` says whether there is any point in another attempt.
    pub(crate) fn fail(&mut self, error: Option<JoinError>, may_pass: bool) {
        self.step = Step::Idle;
        self.error = error;
        self.rejoins = may_pass;
        self.due = None;
        self.is_caught_up = false;
        self.attendance.forget_ping();
    }

    /// There is to be another attempt, if there is any point in it: later each time. `jitter`, in 0..1, keeps many clients from
    /// coming back at once.
    pub(crate) fn retry_later(&mut self, now: Instant, jitter: f64) {
        if self.rejoins && self.due.is_none() {
            // A visit that lasted shows that the trouble is a new one.
            if self.attendance.lasted(now) {
                self.failures = 0;
            }
            self.due = Some(now + retry::pause(self.failures, jitter));
            self.failures = self.failures.saturating_add(1);
        }
    }

    /// The next nick to try, after another one was taken: the wanted one with a number, if numbers are allowed.
    pub(crate) fn next_nick(&mut self, numbered: bool) -> Option<String> {
        self.conflicts += 1;
        let number = self.conflicts + 1;
        let wanted = self.wanted_nick.as_ref();
        wanted
            .filter(|_| numbered && number <= MAX_CONFLICTS)
            .map(|nick| format!("{nick}-{number}"))
    }

    /// What is to be done now, if anything. While `is_entered`, the room is watched; a change of nick that is not answered yet makes a
    /// ping say nothing (XEP-0410 §5), so that `is_renaming` puts it off. `None` if nothing is ever due.
    pub(crate) fn look(
        &mut self,
        now: Instant,
        patience: Duration,
        is_entered: bool,
        is_renaming: bool,
    ) -> Option<Due> {
        let due = self.due?;
        if due > now {
            return Some(Due::At(due));
        }
        let next = match &self.step {
            // While the room sends the presence of its occupants, it is about to answer.
            Step::Knocking(nick) => match self.attendance.heard() + patience {
                at if at > now => Due::At(at),
                _ => Due::GiveUp(nick.clone()),
            },
            Step::Queued | Step::Asking => return None,
            Step::Idle if is_entered => self.attendance.look(now, is_renaming),
            Step::Idle if self.rejoins => Due::Retry,
            Step::Idle => return None,
        };
        self.due = match &next {
            Due::At(at) => Some(*at),
            _ => None,
        };
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);
    const MINUTE: Duration = Duration::from_secs(60);

    fn look(joining: &mut Joining, now: Instant) -> Option<Due> {
        joining.look(now, PATIENCE, false, false)
    }

    #[test]
    fn a_room_that_says_nothing_is_given_up() {
        let start = Instant::now();
        let mut joining = Joining::default();
        joining.begin();
        joining.knock("mara".to_owned(), start, PATIENCE);
        let early = start + PATIENCE / 2;
        assert_eq!(look(&mut joining, early), Some(Due::At(start + PATIENCE)));
        let late = look(&mut joining, start + PATIENCE);
        assert_eq!(late, Some(Due::GiveUp("mara".to_owned())));
    }

    #[test]
    fn a_room_that_sends_its_occupants_is_waited_for() {
        let start = Instant::now();
        let mut joining = Joining::default();
        joining.begin();
        joining.knock("mara".to_owned(), start, PATIENCE);
        let heard = start + PATIENCE - Duration::from_secs(1);
        joining.hear(heard, || DateTime::UNIX_EPOCH);
        let late = look(&mut joining, start + PATIENCE);
        assert_eq!(late, Some(Due::At(heard + PATIENCE)));
    }

    #[test]
    fn what_may_pass_is_tried_again_later_each_time() {
        let now = Instant::now();
        let mut joining = Joining::default();
        let mut last = Duration::ZERO;
        for _ in 0..4 {
            joining.begin();
            joining.knock("mara".to_owned(), now, PATIENCE);
            joining.fail(Some(JoinError::Unreachable), true);
            joining.retry_later(now, 0.0);
            let pause = joining.due.map(|due| due - now).unwrap_or_default();
            assert!(pause > last, "{pause:?} after {last:?}");
            last = pause;
        }
        assert_eq!(look(&mut joining, now + last), Some(Due::Retry));
        joining.begin();
        joining.fail(Some(JoinError::Banned), false);
        joining.retry_later(now, 0.0);
        assert_eq!(look(&mut joining, now + 60 * MINUTE), None);
    }

    #[test]
    fn no_more_than_ten_nicks_are_tried() {
        let mut joining = Joining {
            wanted_nick: Some("mara".to_owned()),
            ..Joining::default()
        };
        let tried: Vec<_> = std::iter::from_fn(|| joining.next_nick(true)).collect();
        assert_eq!(tried.len(), 9);
        assert_eq!(tried.first().map(String::as_str), Some("mara-2"));
        joining.begin();
        assert_eq!(joining.next_nick(false), None);
    }
}
