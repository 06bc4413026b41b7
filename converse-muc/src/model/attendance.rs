//! Whether the user is still in a room that has fallen silent (XEP-0410).

use std::time::Duration;

use converse_core::router::{Condition, StanzaError};
use converse_core::session::IqResult;
use converse_core::{Error, ErrorKind};
use tokio::time::Instant;

use super::joining::Due;

/// After so much silence the room is asked (§3.1).
const SILENCE: Duration = Duration::from_secs(15 * 60);
/// Before a room is asked again that did not answer, and before one whose nick is just being changed.
const AGAIN: Duration = Duration::from_secs(60);

/// What an answer to a self-ping says (§3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The user is in the room.
    In,
    /// The user is not in the room any more.
    Out,
    /// Nobody knows.
    Unknown,
}

/// When the room gave the last sign of life, and what is being done to get another one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attendance {
    heard: Option<Instant>,
    since: Option<Instant>,
    is_asked: bool,
    /// The room gave a sign of life after it was asked.
    heard_since: bool,
    unanswered: u32,
}

impl Verdict {
    pub(crate) fn of(answer: &IqResult) -> Self {
        let Err(error) = answer else {
            return Self::In;
        };
        match condition(error) {
            // Who is pinged does not know pings, or the occupant has just another nick.
            Some(
                Condition::ServiceUnavailable
                | Condition::FeatureNotImplemented
                | Condition::ItemNotFound,
            ) => Self::In,
            Some(Condition::RemoteServerNotFound | Condition::RemoteServerTimeout) => Self::Unknown,
            Some(_) => Self::Out,
            None => Self::Unknown,
        }
    }
}

fn condition(error: &Error) -> Option<Condition> {
    if error.kind() != ErrorKind::Stanza {
        return None;
    }
    let source = std::error::Error::source(error)?;
    let error = source.downcast_ref::<StanzaError>()?;
    Some(error.condition)
}

impl Attendance {
    /// The room gave a sign of life.
    pub(crate) fn hear(&mut self, now: Instant) {
        self.heard = Some(now);
        self.since.get_or_insert(now);
        self.heard_since = true;
        self.unanswered = 0;
    }

    /// When it did so last.
    pub(crate) fn heard(&self) -> Instant {
        self.heard.unwrap_or_else(Instant::now)
    }

    /// Whether the visit was no short one.
    pub(crate) fn lasted(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now - since >= SILENCE)
    }

    pub(crate) fn next_look(&self) -> Instant {
        self.heard() + SILENCE
    }

    /// What is to be done in a room in which the user is.
    pub(crate) fn look(&self, now: Instant, is_renaming: bool) -> Due {
        let silent_until = self.next_look();
        if self.unanswered == 0 && silent_until > now {
            Due::At(silent_until)
        } else if is_renaming || self.is_asked {
            Due::At(now + AGAIN)
        } else {
            Due::Ping
        }
    }

    /// The room is asked now; `false` if it is being asked already.
    pub(crate) fn ask(&mut self) -> bool {
        self.heard_since = false;
        !std::mem::replace(&mut self.is_asked, true)
    }

    /// It will not be known what was asked.
    pub(crate) fn forget_ping(&mut self) {
        self.is_asked = false;
    }

    /// The room was asked and has answered, or has not; when to look again.
    pub(crate) fn settle(&mut self, verdict: Verdict, now: Instant) -> Instant {
        self.is_asked = false;
        if verdict == Verdict::Unknown && self.heard_since {
            self.next_look()
        } else if verdict == Verdict::Unknown {
            self.unanswered = self.unanswered.saturating_add(1);
            // Twice as long each time, so that a room that is gone for long costs little.
            let pause = AGAIN.saturating_mul(2_u32.saturating_pow((self.unanswered - 1).min(8)));
            now + pause.min(SILENCE)
        } else {
            self.hear(now);
            self.next_look()
        }
    }

    /// How many pings in a row nobody answered.
    pub(crate) fn unanswered(&self) -> u32 {
        self.unanswered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(condition: Condition) -> IqResult {
        Err(StanzaError::from(condition).into())
    }

    #[test]
    fn every_answer_says_what_the_table_says() {
        let table = [
            (Condition::ServiceUnavailable, Verdict::In),
            (Condition::FeatureNotImplemented, Verdict::In),
            (Condition::ItemNotFound, Verdict::In),
            (Condition::RemoteServerNotFound, Verdict::Unknown),
            (Condition::RemoteServerTimeout, Verdict::Unknown),
            (Condition::NotAcceptable, Verdict::Out),
            (Condition::NotAllowed, Verdict::Out),
            (Condition::BadRequest, Verdict::Out),
            (Condition::InternalServerError, Verdict::Out),
        ];
        for (condition, verdict) in table {
            assert_eq!(Verdict::of(&refused(condition)), verdict, "{condition:?}");
        }
        let timeout = Err(Error::new(ErrorKind::Timeout, "no answer"));
        assert_eq!(Verdict::of(&timeout), Verdict::Unknown);
    }

    #[test]
    fn a_room_is_asked_after_silence_and_again_when_it_does_not_answer() {
        let start = Instant::now();
        let mut attendance = Attendance::default();
        attendance.hear(start);
        let due = start + SILENCE;
        let early = start + SILENCE / 2;
        assert_eq!(attendance.look(early, false), Due::At(due));
        assert_eq!(attendance.look(due, true), Due::At(due + AGAIN));
        assert_eq!(attendance.look(due, false), Due::Ping);
        assert!(attendance.ask() && !attendance.ask());
        assert_eq!(attendance.look(due, false), Due::At(due + AGAIN));

        let again = attendance.settle(Verdict::Unknown, due);
        assert_eq!(again, due + AGAIN);
        assert_eq!(attendance.look(again, false), Due::Ping);
        assert!(attendance.ask());
        assert_eq!(
            attendance.settle(Verdict::Unknown, again),
            again + 2 * AGAIN
        );
        assert_eq!(attendance.unanswered(), 2);
        assert_eq!(attendance.settle(Verdict::In, again), again + SILENCE);
        assert_eq!(attendance.look(again, false), Due::At(again + SILENCE));
    }
}
