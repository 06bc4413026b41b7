//! A set of senders that changes.

use std::fmt;
use std::sync::Arc;

use jid::BareJid;

use crate::contract::RoomDirectory;

type Look = Arc<dyn Fn(&BareJid) -> bool + Send + Sync>;

/// A set of addresses that is asked anew for each stanza: the rooms that are open, the gateways that are registered with.
///
/// An address stands for everything at it: the bare JID and every full JID of it. Clones are the same set.
///
/// ```
/// use std::collections::HashSet;
/// use std::sync::{Arc, RwLock};
///
/// use converse_core::router::{Route, Sender, Senders};
/// use jid::BareJid;
///
/// let feeds: Arc<RwLock<HashSet<BareJid>>> = Arc::default();
/// let known = Arc::clone(&feeds);
/// let senders = Senders::new(move |jid| known.read().is_ok_and(|feeds| feeds.contains(jid)));
/// let route = Route::message().from(Sender::Among(senders.clone()));
///
/// let gazette = "gazette@feeds.example".parse()?;
/// assert!(!senders.contains(&gazette));
/// if let Ok(mut feeds) = feeds.write() {
///     feeds.insert(gazette.clone());
/// }
/// assert!(senders.contains(&gazette));
/// # Ok::<(), jid::Error>(())
/// ```
#[derive(Clone)]
pub struct Senders {
    look: Look,
}

impl Senders {
    /// The addresses of which `look` is true. It must be quick: it is asked for each stanza that a route could hear, before
    /// any other stanza is looked at.
    pub fn new(look: impl Fn(&BareJid) -> bool + Send + Sync + 'static) -> Self {
        Self {
            look: Arc::new(look),
        }
    }

    /// Whether the address is in the set now.
    #[must_use]
    pub fn contains(&self, jid: &BareJid) -> bool {
        (self.look)(jid)
    }
}

/// The rooms in which the user is or was.
impl From<RoomDirectory> for Senders {
    fn from(rooms: RoomDirectory) -> Self {
        Self::new(move |jid| rooms.contains(jid))
    }
}

impl fmt::Debug for Senders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Senders").finish_non_exhaustive()
    }
}

/// Two are equal if they are clones of one.
impl PartialEq for Senders {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.look, &other.look)
    }
}

impl Eq for Senders {}
