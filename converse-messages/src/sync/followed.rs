//! An archive, and the session in which it is followed.

use std::time::Duration;

use converse_core::store::Place;

use super::gap::Mark;
use super::live::LiveEdge;
use super::retry::Retry;
use super::state::ArchiveState;

/// How far the cursor may stay behind what comes live before it is brought up.
const MAX_BEHIND: usize = 100;

/// What is known of an archive that is caught up with and then grows while everything that comes is heard.
///
/// Each time that it is caught up with is a run with a number of its own: what an earlier run still brings is not wanted any more.
///
/// ```
/// use converse_core::store::Place;
/// use converse_messages::sync::Followed;
///
/// let mut archive = Followed::default();
/// let run = archive.begin();
/// assert!(archive.is_running(run));
/// // Everything is here, and what comes from now on is heard: the cursor follows it.
/// archive.finish(true, true);
/// archive.hear(Some(("28482-98726-73623", Place::new(1, 0))));
/// let cursor = archive.state().cursor().map(|cursor| cursor.id.as_str());
/// assert_eq!(cursor, Some("28482-98726-73623"));
/// ```
#[derive(Debug, Default)]
pub struct Followed {
    state: ArchiveState,
    /// What is known has changed since it was [taken](Self::take_changed).
    is_changed: bool,
    edge: LiveEdge,
    runs: u64,
    is_running: bool,
    retry: Retry,
}

impl Followed {
    /// What is known of it.
    #[must_use]
    pub fn state(&self) -> &ArchiveState {
        &self.state
    }

    /// Something else of it is known now.
    pub fn set(&mut self, state: ArchiveState) {
        self.is_changed |= self.state != state;
        self.state = state;
    }

    /// What is known of it is what was kept, or it is another one; no run goes on.
    pub fn restore(&mut self, state: ArchiveState) {
        *self = Self {
            state,
            runs: self.runs,
            ..Self::default()
        };
    }

    /// What is known, if it has changed since the last time: it is to be kept.
    pub fn take_changed(&mut self) -> Option<&ArchiveState> {
        std::mem::take(&mut self.is_changed).then_some(&self.state)
    }

    /// A run begins; its number.
    pub fn begin(&mut self) -> u64 {
        self.runs += 1;
        self.is_running = true;
        self.edge.lost();
        self.retry.begin();
        self.runs
    }

    /// Whether the run of this number goes on.
    #[must_use]
    pub fn is_running(&self, number: u64) -> bool {
        self.is_running && self.runs == number
    }

    /// Whether a run goes on.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.is_running
    }

    /// The run is over. With `hears_all` everything up to now is here, and what comes from now on is heard: then the cursor follows it.
    /// Unless it `is_told` that there is no more, the archive is to be asked again.
    pub fn finish(&mut self, hears_all: bool, is_told: bool) {
        self.is_running = false;
        if hears_all {
            self.edge.caught_up();
        }
        if is_told {
            self.retry.done();
        }
    }

    /// What comes is not heard any more, and no run goes on.
    pub fn stop(&mut self) {
        self.is_running = false;
        self.edge.lost();
        self.retry.done();
    }

    /// Whether it did not tell everything and is to be asked again.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.retry.is_due() && !self.is_running
    }

    /// It did not tell everything; after what time it is asked again: 30 seconds, each time twice as long, 15 minutes at most.
    pub fn retry_delay(&mut self) -> Duration {
        self.retry.failed()
    }

    /// Something came live, or was sent from here: with the id that the archive gave it and where it stands here, or without one.
    pub fn hear(&mut self, id: Option<(&str, Place)>) {
        let Some((id, place)) = id else {
            self.edge.unidentified();
            return;
        };
        let cursor = self.state.cursor();
        let is_before = cursor.is_some_and(|cursor| place < cursor.place);
        if is_before || !self.edge.identified() {
            return;
        }
        // The archive has not told when it got it, but later than what came before.
        let time = cursor.and_then(|cursor| cursor.time);
        self.state.move_cursor(Mark::new(id, place, time));
        self.is_changed = true;
    }

    /// Whether everything up to now is here, and what comes is heard.
    #[must_use]
    pub fn is_caught_up(&self) -> bool {
        self.edge.is_caught_up()
    }

    /// Whether the archive may have something before what comes live.
    #[must_use]
    pub fn is_owing(&self) -> bool {
        self.retry.is_due() || self.edge.behind() > 0
    }

    /// Whether the cursor is so far behind what came live that it is to be brought up by another run, so that the next session need not
    /// fetch all that again.
    #[must_use]
    pub fn is_far_behind(&self) -> bool {
        self.edge.is_caught_up() && !self.is_running && self.edge.behind() >= MAX_BEHIND
    }
}
