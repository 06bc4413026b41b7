//! How much of a room's archive is known (XEP-0313), and what waits until the rest is.

use converse_core::store::Place;
use converse_messages::sync::{ArchiveState, Held, LiveEdge, Mark, Retry};

use super::said::Said;

/// How far the cursor may stay behind what comes live before it is brought up.
const MAX_BEHIND: usize = 100;

/// The archive of a room, as far as it is known here.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    state: ArchiveState,
    /// The store has not got it as it is now.
    is_dirty: bool,
    edge: LiveEdge,
    /// What came live while the archive is being caught up with.
    pub(crate) held: Held<Said>,
    is_holding: bool,
    /// Counts the times that it was caught up with.
    runs: u64,
    is_running: bool,
    is_following: bool,
    is_overtaken: bool,
    /// Whether it has to be asked again.
    pub(crate) retry: Retry,
    /// It does not let the user read; then the room itself has to tell what was said.
    is_refused: bool,
}

impl Archive {
    pub(crate) fn state(&self) -> &ArchiveState {
        &self.state
    }

    /// Something else of it is known now.
    pub(crate) fn set(&mut self, state: ArchiveState) {
        self.is_dirty |= self.state != state;
        self.state = state;
    }

    /// What was known of it before.
    pub(crate) fn restore(&mut self, state: ArchiveState) {
        self.state = state;
    }

    /// What the store has to get, if it is different.
    pub(crate) fn take_dirty(&mut self) -> Option<&ArchiveState> {
        std::mem::take(&mut self.is_dirty).then_some(&self.state)
    }

    /// It is being caught up with: what comes live from now on waits. The number of this time.
    pub(crate) fn begin(&mut self) -> u64 {
        self.is_holding = true;
        self.is_following = false;
        self.run()
    }

    /// The same while nothing waits, if the cursor is far behind what comes live.
    pub(crate) fn follow(&mut self) -> Option<u64> {
        let is_behind = self.edge.is_caught_up() && self.edge.behind() >= MAX_BEHIND;
        (is_behind && !self.is_running).then(|| {
            self.is_following = true;
            self.run()
        })
    }

    /// Whether the cursor moves with what comes live.
    pub(crate) fn is_followed(&self) -> bool {
        self.edge.is_caught_up()
    }

    /// Whether it is only followed up, and nothing was missed.
    pub(crate) fn is_following(&self) -> bool {
        self.is_following
    }

    /// Something comes live; if the archive is being caught up with, it has not waited for that.
    pub(crate) fn overtake(&mut self) {
        self.is_overtaken |= self.is_running;
    }

    /// Whether anything did since the last time.
    pub(crate) fn take_overtaken(&mut self) -> bool {
        std::mem::take(&mut self.is_overtaken)
    }

    fn run(&mut self) -> u64 {
        self.runs += 1;
        self.is_running = true;
        self.is_overtaken = false;
        self.edge.lost();
        self.retry.begin();
        self.runs
    }

    /// Whether it is to be asked again: it did not tell everything.
    pub(crate) fn is_due(&self) -> bool {
        self.retry.is_due() && !self.is_running
    }

    /// Whether it is still being caught up with, for the time of that number.
    pub(crate) fn is_running(&self, number: u64) -> bool {
        self.is_running && self.runs == number
    }

    /// Everything that was said is here, or as much as can be had.
    pub(crate) fn finish(&mut self, is_whole: bool) {
        self.is_running = false;
        if is_whole {
            self.edge.caught_up();
        }
        if is_whole || self.is_refused {
            self.retry.done();
        }
    }

    /// What is said is not heard any more.
    pub(crate) fn stop(&mut self) {
        self.is_running = false;
        self.edge.lost();
        self.retry.done();
    }

    /// Whether what comes live waits.
    pub(crate) fn is_holding(&self) -> bool {
        self.is_holding
    }

    /// What comes live does not wait any more.
    pub(crate) fn let_through(&mut self) {
        self.is_holding = false;
    }

    /// The archive does, or does not, let the user read.
    pub(crate) fn set_refused(&mut self, is_refused: bool) {
        self.is_refused = is_refused;
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Something came live that has this id in the archive, and stands there.
    pub(crate) fn hear(&mut self, id: &str, place: Place) {
        let cursor = self.state.cursor();
        let is_before = cursor.is_some_and(|cursor| place < cursor.place);
        if !is_before && self.edge.identified() {
            // The archive has not told when it got it, but later than what came before.
            let time = cursor.and_then(|cursor| cursor.time);
            self.state.move_cursor(Mark::new(id, place, time));
            self.is_dirty = true;
        }
    }

    /// Something came live that the archive may have under an id that nobody can know.
    pub(crate) fn hear_unknown(&mut self) {
        self.edge.unidentified();
    }
}
