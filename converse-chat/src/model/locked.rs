//! The state of a chat in somebody's hands.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use super::conversation::{Conversation, State};

/// The state of a chat while nobody else has it. When it is put back, what of it is kept is compared with what the store
/// knows, so that nobody who changes something has to think of that.
pub(crate) struct Locked<'a> {
    conversation: &'a Conversation,
    state: MutexGuard<'a, State>,
}

impl<'a> Locked<'a> {
    pub(super) fn new(conversation: &'a Conversation, state: MutexGuard<'a, State>) -> Self {
        Self {
            conversation,
            state,
        }
    }
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if let Some(kept) = self.conversation.kept.get() {
            kept.note(self.conversation, &mut self.state);
        }
    }
}
