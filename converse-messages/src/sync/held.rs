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
/// assert_eq!(held.hold("at once", 7), Err("at once"));
/// held.begin();
/// assert_eq!(held.hold("ahoy", 4), Ok(()));
/// assert_eq!(held.hold("too large", 5_000_000), Err("too large"));
/// assert_eq!(held.release(), Some("ahoy"));
/// assert!(held.is_holding());
/// assert_eq!(held.release(), None);
/// assert!(!held.is_holding());
/// ```
#[derive(Debug)]
pub struct Held<T> {
    items: VecDeque<T>,
    bytes: usize,
    is_holding: bool,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self {
            items: VecDeque::new(),
            bytes: 0,
            is_holding: false,
        }
    }
}

impl<T> Held<T> {
    /// What comes from now on waits.
    pub fn begin(&mut self) {
        self.is_holding = true;
    }

    /// Whether what comes waits.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.is_holding
    }

    /// Holds something of this size.
    ///
    /// # Errors
    ///
    /// Nothing waits now, or there is no room for it: here it is again.
    pub fn hold(&mut self, item: T, bytes: usize) -> Result<(), T> {
        let held = self.bytes.saturating_add(bytes);
        if !self.is_holding || self.items.len() == MAX_STANZAS || held > MAX_BYTES {
            return Err(item);
        }
        self.bytes = held;
        self.items.push_back(item);
        Ok(())
    }

    /// The next one that goes on; with none left, what comes from now on does not wait. To be called until nothing is left.
    pub fn release(&mut self) -> Option<T> {
        let item = self.items.pop_front();
        if self.items.is_empty() {
            self.bytes = 0;
        }
        self.is_holding = item.is_some();
        item
    }

    /// What is held, in its order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }
}
