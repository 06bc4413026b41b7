//! Who is writing in a room (XEP-0085 §5.5).

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use converse_messages::ChatState;

/// How many people are known to write at once; more than a line of text can name.
const MAX_WRITERS: usize = 256;
/// After this time somebody who has told nothing more is not thought to write any more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// Those who are writing, and since when.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    since: HashMap<String, Instant>,
}

impl Writers {
    /// What somebody does now; whether that is different from before.
    pub(crate) fn set(&mut self, nick: &str, state: Option<ChatState>, now: Instant) -> bool {
        if state != Some(ChatState::Composing) {
            return self.since.remove(nick).is_some();
        }
        self.since.retain(|_, since| is_fresh(*since, now));
        if let Some(since) = self.since.get_mut(nick) {
            *since = now;
            return false;
        }
        let has_place = self.since.len() < MAX_WRITERS;
        if has_place {
            self.since.insert(nick.to_owned(), now);
        }
        has_place
    }

    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        self.since.remove(new);
        if let Some(since) = self.since.remove(old) {
            self.since.insert(new.to_owned(), since);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.since = HashMap::new();
    }

    /// Their nicks, sorted.
    pub(crate) fn nicks(&self, now: Instant) -> Vec<String> {
        let fresh = self
            .since
            .iter()
            .filter(|(_, since)| is_fresh(**since, now));
        let mut nicks: Vec<String> = fresh.map(|(nick, _)| nick.clone()).collect();
        nicks.sort_unstable();
        nicks
    }
}

fn is_fresh(since: Instant, now: Instant) -> bool {
    now.saturating_duration_since(since) < FORGOTTEN_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_is_known_until_he_stops_or_for_a_minute() {
        let now = Instant::now();
        let mut writers = Writers::default();
        assert!(writers.set("rook", Some(ChatState::Composing), now));
        assert!(writers.set("pia", Some(ChatState::Composing), now));
        assert!(!writers.set("pia", Some(ChatState::Composing), now));
        assert!(!writers.set("otto", Some(ChatState::Paused), now));
        assert_eq!(writers.nicks(now), ["pia", "rook"]);
        writers.rename("pia", "anna");
        assert!(writers.set("rook", Some(ChatState::Paused), now));
        assert_eq!(writers.nicks(now), ["anna"]);
        assert!(writers.nicks(now + FORGOTTEN_AFTER).is_empty());
        for n in 0..2 * MAX_WRITERS {
            writers.set(&n.to_string(), Some(ChatState::Composing), now);
        }
        assert_eq!(writers.nicks(now).len(), MAX_WRITERS);
    }
}
