//! What the user does in a chat, and what the other one has been told of it (XEP-0085).

use std::time::Duration;

use tokio::time::Instant;

use super::ChatState;

/// How long after the last key somebody who was writing has paused.
const PAUSED_AFTER: Duration = Duration::from_secs(10);
/// How long after that he takes part no more.
const INACTIVE_AFTER: Duration = Duration::from_secs(90);

/// The user's own chat state.
#[derive(Debug, Default)]
pub struct Typing {
    /// What the user does; `None` until he did anything.
    now: Option<ChatState>,
    /// What the other one was told last.
    told: Option<ChatState>,
    /// When the present state began, or was confirmed by another key.
    since: Option<Instant>,
    /// Whether the other one's last message had a chat state; unknown before he has written.
    understood: Option<bool>,
}

impl Typing {
    /// A key was pressed; whether the writing begins with it.
    pub fn key(&mut self, at: Instant) -> bool {
        self.since = Some(at);
        self.now.replace(ChatState::Composing) != Some(ChatState::Composing)
    }

    /// Whether the user writes, or has not given up what he wrote.
    pub fn is_writing(&self) -> bool {
        matches!(self.now, Some(ChatState::Composing | ChatState::Paused))
    }

    /// The user does something else than write; whether the other one is to be told.
    pub fn become_(&mut self, state: ChatState) -> bool {
        self.now = Some(state);
        self.untold().is_some()
    }

    /// A message was sent, which says that the user is active (§5.3).
    pub fn sent(&mut self) {
        self.now = Some(ChatState::Active);
        self.told = self.now;
    }

    /// The other one has written, with a chat state or without: then he is not to be told any more (§5.1).
    pub fn heard(&mut self, has_state: bool) {
        self.understood = Some(has_state);
    }

    /// Whether states mean anything to the other one, as far as is known.
    pub fn is_understood(&self) -> bool {
        self.understood != Some(false)
    }

    /// What the other one is to be told: never the same twice in a row (§5.3).
    pub fn untold(&self) -> Option<ChatState> {
        self.now.filter(|_| self.now != self.told)
    }

    /// The other one knows, or is not to know.
    pub fn settle(&mut self) {
        self.told = self.now;
    }

    /// What the other one was told last.
    pub fn told(&self) -> Option<ChatState> {
        self.told
    }

    /// A new session: nobody knows what the other one has seen of the last.
    pub fn forget(&mut self) {
        *self = Self {
            understood: self.understood,
            ..Self::default()
        };
    }

    /// When the state changes by itself, unless something happens before.
    pub fn deadline(&self) -> Option<Instant> {
        let after = match self.now? {
            ChatState::Composing => PAUSED_AFTER,
            ChatState::Paused => INACTIVE_AFTER,
            _ => return None,
        };
        Some(self.since? + after)
    }

    /// Changes the state if it is time to.
    pub fn tick(&mut self, at: Instant) {
        if self.deadline().is_none_or(|deadline| at < deadline) {
            return;
        }
        self.now = match self.now {
            Some(ChatState::Composing) => Some(ChatState::Paused),
            Some(ChatState::Paused) => Some(ChatState::Inactive),
            state => state,
        };
        self.since = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn who_writes_is_told_once_and_pauses_ten_seconds_after_the_last_key() {
        let start = Instant::now();
        let mut typing = Typing::default();
        assert_eq!(typing.deadline(), None);
        assert!(typing.key(start));
        assert_eq!(typing.untold(), Some(ChatState::Composing));
        typing.settle();
        assert!(!typing.key(seconds(start, 9)));
        typing.tick(seconds(start, 10));
        assert_eq!(typing.untold(), None);
        assert_eq!(typing.deadline(), Some(seconds(start, 19)));
        typing.tick(seconds(start, 19));
        assert_eq!(typing.untold(), Some(ChatState::Paused));
        typing.settle();
        typing.tick(seconds(start, 108));
        assert_eq!(typing.untold(), None);
        typing.tick(seconds(start, 109));
        assert_eq!(typing.untold(), Some(ChatState::Inactive));
        typing.settle();
        assert_eq!(typing.deadline(), None);
        assert!(typing.key(seconds(start, 200)));
    }

    #[test]
    fn a_message_says_by_itself_that_the_user_is_active() {
        let mut typing = Typing::default();
        typing.key(Instant::now());
        typing.sent();
        assert_eq!((typing.untold(), typing.deadline()), (None, None));
        assert!(!typing.become_(ChatState::Active));
        assert!(typing.key(Instant::now()));
    }

    #[test]
    fn what_was_not_told_in_time_is_not_told() {
        let mut typing = Typing::default();
        typing.sent();
        typing.key(Instant::now());
        typing.become_(ChatState::Active);
        assert_eq!(typing.untold(), None);
    }

    #[test]
    fn who_answers_without_a_state_is_not_told() {
        let mut typing = Typing::default();
        assert!(typing.is_understood());
        typing.heard(false);
        assert!(!typing.is_understood());
        typing.forget();
        assert!(!typing.is_understood());
        typing.heard(true);
        assert!(typing.is_understood());
    }
}
