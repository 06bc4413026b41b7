//! Which addresses are rooms in which the user is.

use std::fmt;
use std::sync::Arc;

use jid::BareJid;

type Look = Arc<dyn Fn(&BareJid) -> bool + Send + Sync>;

/// The open rooms that have let the user in (XEP-0045), as the grouping that keeps them [provides](crate::Api::provide) them
/// to the others. What comes from such an address, or from an occupant there, is not from a person of that address.
///
/// A room counts from the user's first visit on until it is closed, also while the user is not in it. One that has only been
/// tried does not: any address can be tried, that of a contact too.
///
/// ```
/// use converse_core::contract::RoomDirectory;
///
/// let none = RoomDirectory::new(|_| false);
/// assert!(!none.contains(&"garden@chat.montague.example".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RoomDirectory {
    look: Look,
}

impl RoomDirectory {
    /// A directory that looks rooms up with `look`, which must be quick: it is asked for each message.
    pub fn new(look: impl Fn(&BareJid) -> bool + Send + Sync + 'static) -> Self {
        Self {
            look: Arc::new(look),
        }
    }

    /// Whether the address is that of such a room.
    #[must_use]
    pub fn contains(&self, jid: &BareJid) -> bool {
        (self.look)(jid)
    }
}

impl fmt::Debug for RoomDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomDirectory").finish_non_exhaustive()
    }
}
