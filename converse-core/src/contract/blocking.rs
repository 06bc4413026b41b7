//! Whom the user has blocked (XEP-0191).

use std::fmt;
use std::sync::Arc;

use converse_macros::Event;
use jid::{BareJid, Jid};
use serde::Serialize;

type Blocked = Arc<dyn Fn(&BareJid) -> bool + Send + Sync>;

/// Whom the user has blocked, as the grouping that keeps the list [provides](crate::Api::provide) it to the others.
///
/// ```
/// use converse_core::contract::BlockList;
///
/// let nobody = BlockList::new(|_| false);
/// assert!(!nobody.is_blocked(&"juliet@capulet.example".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct BlockList {
    look: Blocked,
}

impl BlockList {
    /// A list that looks people up with `look`, which must be quick.
    pub fn new(look: impl Fn(&BareJid) -> bool + Send + Sync + 'static) -> Self {
        Self {
            look: Arc::new(look),
        }
    }

    /// Whether nothing goes to `jid` and nothing comes from it: the address or its whole domain is blocked.
    #[must_use]
    pub fn is_blocked(&self, jid: &BareJid) -> bool {
        (self.look)(jid)
    }
}

impl fmt::Debug for BlockList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockList").finish_non_exhaustive()
    }
}

macro_rules! about_an_address {
    ($($(#[$doc:meta])* $event:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Event)]
        #[event(name = $name)]
        #[non_exhaustive]
        pub struct $event {
            /// The address: of a person, of one of their clients, or of a whole domain.
            pub jid: Jid,
        }

        impl $event {
            /// It happened to `jid`.
            #[must_use]
            pub fn new(jid: Jid) -> Self {
                Self { jid }
            }
        }
    )*};
}

about_an_address! {
    /// The user blocked somebody, here or with another client: nothing comes from there any more, presence neither.
    ContactBlocked = "contactBlocked";
    /// The user took back a block, here or with another client.
    ContactUnblocked = "contactUnblocked";
}
