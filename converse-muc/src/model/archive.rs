//! How much of a room's archive is known (XEP-0313), and what waits until the rest is.

use converse_messages::sync::{Followed, Held};

use super::said::Said;

/// The archive of a room, as far as it is known here.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    pub(crate) followed: Followed,
    /// What came live while the archive is being caught up with.
    pub(crate) held: Held<Said>,
    is_following: bool,
    is_overtaken: bool,
    /// It does not let the user read; then the room itself has to tell what was said.
    is_refused: bool,
}

impl Archive {
    /// It is being caught up with: what comes live from now on waits. The number of this run.
    pub(crate) fn begin(&mut self) -> u64 {
        self.held.begin();
        self.run(false)
    }

    /// The same while nothing waits, if the cursor is far behind what comes live.
    pub(crate) fn follow(&mut self) -> Option<u64> {
        let is_far_behind = self.followed.is_far_behind();
        is_far_behind.then(|| self.run(true))
    }

    fn run(&mut self, is_following: bool) -> u64 {
        self.is_following = is_following;
        self.is_overtaken = false;
        self.followed.begin()
    }

    /// Whether it is only followed up, and nothing was missed.
    pub(crate) fn is_following(&self) -> bool {
        self.is_following
    }

    /// Something comes live; if the archive is being caught up with, it has not waited for that.
    pub(crate) fn overtake(&mut self) {
        self.is_overtaken |= self.followed.is_busy();
    }

    /// Whether anything did since the last time.
    pub(crate) fn take_overtaken(&mut self) -> bool {
        std::mem::take(&mut self.is_overtaken)
    }

    /// The archive does, or does not, let the user read.
    pub(crate) fn set_refused(&mut self, is_refused: bool) {
        self.is_refused = is_refused;
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused
    }
}
