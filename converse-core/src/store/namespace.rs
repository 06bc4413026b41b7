//! Tables of a store.

/// What happens when a namespace is full and a new key comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// The write fails.
    Refuse,
    /// The entry that was written longest ago makes room.
    DropOldest,
}

/// A table of a store: its name, how many entries it may have for one account, and what happens then.
///
/// Each plugin has its own, as constants; the name begins with the plugin's (`muc.rooms`), so that no two are the same.
///
/// ```
/// use converse_core::store::{Namespace, Overflow};
///
/// const ROOMS: Namespace = Namespace::new("muc.rooms", 1_000);
/// const HISTORY: Namespace = Namespace::new("muc.history", 100_000).dropping_oldest();
/// assert_eq!((ROOMS.name(), ROOMS.limit(), ROOMS.overflow()), ("muc.rooms", 1_000, Overflow::Refuse));
/// assert_eq!(HISTORY.overflow(), Overflow::DropOldest);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Namespace {
    name: &'static str,
    limit: usize,
    overflow: Overflow,
}

impl Namespace {
    /// The table `name` for at most `limit` entries an account; one more is refused.
    #[must_use]
    pub const fn new(name: &'static str, limit: usize) -> Self {
        Self {
            name,
            limit,
            overflow: Overflow::Refuse,
        }
    }

    /// The same table, except that one entry more drops the one that was written longest ago.
    #[must_use]
    pub const fn dropping_oldest(mut self) -> Self {
        self.overflow = Overflow::DropOldest;
        self
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How many entries it may have for one account.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// What happens when it is full.
    #[must_use]
    pub const fn overflow(&self) -> Overflow {
        self.overflow
    }
}
