//! The end of a room.

use converse_core::settings::Secret;
use jid::BareJid;

/// What those are told who are in a room that is destroyed (XEP-0045 §10.9). A reason as text, or `()` for nothing, is enough.
///
/// ```
/// use converse_muc::Destruction;
///
/// let end = Destruction::because("Macbeth doth come.").alternative("coven@chat.example".parse()?);
/// # Ok::<(), jid::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Destruction {
    pub(crate) reason: Option<String>,
    pub(crate) alternative: Option<BareJid>,
    pub(crate) password: Option<Secret>,
}

impl Destruction {
    /// With a reason; an empty one is none.
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: Some(reason.into()).filter(|reason| !reason.is_empty()),
            ..Self::default()
        }
    }

    /// With the room to go to instead.
    #[must_use]
    pub fn alternative(mut self, room: BareJid) -> Self {
        self.alternative = Some(room);
        self
    }

    /// With the password of the room to go to. Everybody in this room gets to know it.
    #[must_use]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }
}

impl From<&str> for Destruction {
    fn from(reason: &str) -> Self {
        Self::because(reason)
    }
}

impl From<String> for Destruction {
    fn from(reason: String) -> Self {
        Self::because(reason)
    }
}

impl From<()> for Destruction {
    fn from((): ()) -> Self {
        Self::default()
    }
}
