//! What comes live while an archive is being caught up with.

use std::collections::VecDeque;

/// How many stanzas are held.
const MAX_STANZAS: usize = 1_000;
/// How many bytes of stanzas are held.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What came live and waits until everything before it is here, in its order.
///
/// It is bounded: when it is full, whatever comes next has to go on, and what was held before it; the places of what comes from
/// the archive then bring the messages into order.
///
/// ```
/// use converse_messages::sync::Held;
///
/// let mut held = Held::default();
/// assert!(held.hold("ahoy", 4));
/// assert!(!held.hold("too large", 5_000_000));
/// assert_eq!(held.release(), ["ahoy"]);
/// ```
#[derive(Debug)]
pub struct Held<T> {
    items: VecDeque<T>,
    bytes: usize,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self {
            items: VecDeque::new(),
            bytes: 0,
        }
    }
}

impl<T> Held<T> {
    /// Whether there is room for something of this size.
    #[must_use]
    pub fn has_room(&self, bytes: usize) -> bool {
        self.items.len() < MAX_STANZAS && self.bytes.saturating_add(bytes) <= MAX_BYTES
    }

    /// Holds something of this size; `false` if there is no room for it, and it is not held.
    pub fn hold(&mut self, item: T, bytes: usize) -> bool {
        let has_room = self.has_room(bytes);
        if has_room {
            self.bytes += bytes;
            self.items.push_back(item);
        }
        has_room
    }

    /// The next one that goes on.
    pub fn pop(&mut self) -> Option<T> {
        let item = self.items.pop_front();
        if self.items.is_empty() {
            self.bytes = 0;
        }
        item
    }

    /// All of them, in their order.
    pub fn release(&mut self) -> VecDeque<T> {
        self.bytes = 0;
        std::mem::take(&mut self.items)
    }

    /// What is held, in its order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
