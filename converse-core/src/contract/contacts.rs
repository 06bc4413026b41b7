//! Who somebody is to the user.

use std::fmt;
use std::sync::Arc;

use jid::BareJid;
use serde::{Deserialize, Serialize};

/// Who sees whose presence (RFC 6121 §2.1.2.5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subscription {
    /// Nobody.
    #[default]
    None,
    /// The user sees the contact.
    To,
    /// The contact sees the user.
    From,
    /// Both see each other.
    Both,
}

impl Subscription {
    /// The attribute's value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::To => "to",
            Self::From => "from",
            Self::Both => "both",
        }
    }

    /// Whether the user sees the contact's presence.
    #[must_use]
    pub fn sees_contact(self) -> bool {
        matches!(self, Self::To | Self::Both)
    }

    /// Whether the contact sees the user's presence: answering such a contact tells nothing new.
    #[must_use]
    pub fn is_seen(self) -> bool {
        matches!(self, Self::From | Self::Both)
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What somebody is to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the roster.
    Contact(Subscription),
    /// Not in the roster.
    Stranger,
    /// The roster is not known (yet).
    Unknown,
}

type Look = Arc<dyn Fn(&BareJid) -> Standing + Send + Sync>;

/// Who is a contact, as the grouping that keeps the roster [provides](crate::Api::provide) it to the others.
///
/// ```
/// use converse_core::contract::{ContactDirectory, Standing};
///
/// let nobody = ContactDirectory::new(|_| Standing::Stranger);
/// let juliet = "juliet@capulet.example".parse()?;
/// assert_eq!(nobody.standing(&juliet), Standing::Stranger);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ContactDirectory {
    look: Look,
}

impl ContactDirectory {
    /// A directory that looks people up with `look`, which must be quick: it is asked for each message.
    pub fn new(look: impl Fn(&BareJid) -> Standing + Send + Sync + 'static) -> Self {
        Self {
            look: Arc::new(look),
        }
    }

    /// What `jid` is to the user.
    #[must_use]
    pub fn standing(&self, jid: &BareJid) -> Standing {
        (self.look)(jid)
    }
}

impl fmt::Debug for ContactDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactDirectory").finish_non_exhaustive()
    }
}
