//! The end of an archive, as it grows while everything that comes is heard.

/// Whether the cursor moves with what comes live.
///
/// It does once everything before is here, as long as each message tells the id that the archive gave it. One without, as what
/// was sent from here, may stand in the archive before or behind the next one: the cursor stays before it, until it is asked for.
#[derive(Debug, Default)]
pub(super) struct LiveEdge {
    is_caught_up: bool,
    /// What came since the cursor stays.
    behind: Option<usize>,
}

impl LiveEdge {
    /// Everything up to now is here, and what comes from now on is heard. What came since it was [lost](Self::lost) without an id
    /// may be newer than what is here.
    pub(super) fn caught_up(&mut self) {
        self.is_caught_up = true;
    }

    /// From now on something may come that is not heard.
    pub(super) fn lost(&mut self) {
        *self = Self::default();
    }

    /// Something came, or was sent, of which the archive's id is not known.
    pub(super) fn unidentified(&mut self) {
        self.behind = Some(self.behind.unwrap_or_default().saturating_add(1));
    }

    /// Something came of which the archive's id is known; whether the cursor moves there.
    pub(super) fn identified(&mut self) -> bool {
        if let Some(behind) = &mut self.behind {
            *behind = behind.saturating_add(1);
        }
        self.is_caught_up && self.behind.is_none()
    }

    /// Whether everything up to now is here.
    pub(super) fn is_caught_up(&self) -> bool {
        self.is_caught_up
    }

    /// How many messages the cursor is behind.
    pub(super) fn behind(&self) -> usize {
        self.behind.unwrap_or_default()
    }
}
