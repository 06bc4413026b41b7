//! Where the user looks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::Conversation;

/// The chat that has the user's attention, if the application is in view at all.
#[derive(Debug, Default)]
pub(crate) struct Focus {
    state: Mutex<Looking>,
}

#[derive(Debug, Default)]
struct Looking {
    at: Weak<Conversation>,
    away: bool,
}

impl Focus {
    fn state(&self) -> MutexGuard<'_, Looking> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user looks at this chat, and at no other.
    pub(crate) fn set(&self, chat: &Arc<Conversation>) {
        self.state().at = Arc::downgrade(chat);
    }

    /// The user looks at this chat no more.
    pub(crate) fn clear(&self, chat: &Conversation) {
        let mut state = self.state();
        if std::ptr::eq(state.at.as_ptr(), chat) {
            state.at = Weak::new();
        }
    }

    /// Whether the user looks at this chat now.
    pub(crate) fn is_at(&self, chat: &Conversation) -> bool {
        let state = self.state();
        !state.away && std::ptr::eq(state.at.as_ptr(), chat)
    }

    /// The application is out of view, or in view again.
    pub(crate) fn set_away(&self, away: bool) {
        self.state().away = away;
    }

    /// Whether the application is out of view.
    pub(crate) fn is_away(&self) -> bool {
        self.state().away
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::model::Kind;

    #[test]
    fn the_user_looks_at_one_chat_at_most() {
        let chat = |jid: &str| {
            let jid = jid.parse().unwrap();
            Conversation::new(jid, Kind::Chat, true)
        };
        let (one, other) = (chat("a@b.example"), chat("c@d.example"));
        let focus = Focus::default();
        assert!(!focus.is_at(&one));
        focus.set(&one);
        focus.set(&other);
        assert!(!focus.is_at(&one) && focus.is_at(&other));
        focus.clear(&one);
        assert!(focus.is_at(&other));
        focus.set_away(true);
        assert!(!focus.is_at(&other) && focus.is_away());
        focus.set_away(false);
        assert!(focus.is_at(&other));
        focus.clear(&other);
        assert!(!focus.is_at(&other));
    }
}
