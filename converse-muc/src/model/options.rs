//! How a room is entered.

use converse_core::settings::Secret;

/// What [`Rooms::open`](crate::Rooms::open) is told about the room: nick and password. A nick as text, or `()` for nothing,
/// is enough.
///
/// ```
/// use converse_muc::RoomOptions;
///
/// let options = RoomOptions::nick("Romeo").password("balcony");
/// assert!(!format!("{options:?}").contains("balcony"));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct RoomOptions {
    pub(crate) nick: Option<String>,
    pub(crate) password: Option<Secret>,
}

impl RoomOptions {
    /// To be in the room under this nick.
    pub fn nick(nick: impl Into<String>) -> Self {
        Self {
            nick: Some(nick.into()),
            password: None,
        }
    }

    /// With the room's password.
    #[must_use]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }
}

impl From<&str> for RoomOptions {
    fn from(nick: &str) -> Self {
        Self::nick(nick)
    }
}

impl From<String> for RoomOptions {
    fn from(nick: String) -> Self {
        Self::nick(nick)
    }
}

impl From<()> for RoomOptions {
    fn from((): ()) -> Self {
        Self::default()
    }
}
