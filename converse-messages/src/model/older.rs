//! What came of asking for older messages.

/// What came of asking for older messages of a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Older {
    /// How many messages are here now that were not.
    pub added: usize,
    /// Nothing older is known to exist: neither in the store nor in the archive.
    pub is_complete: bool,
}

impl Older {
    /// So many came; whether that was all there is.
    #[must_use]
    pub fn new(added: usize, is_complete: bool) -> Self {
        Self { added, is_complete }
    }
}
