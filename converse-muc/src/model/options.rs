//! How a room is entered.

use converse_core::contract::EnterRoom;
use converse_core::settings::Secret;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::managing::RoomConfig;

/// What [`Rooms::open`](crate::Rooms::open) is told about the room. A nick as text, or `()` for nothing, is enough.
///
/// By name it is a map with the attributes of the 3.2 document: `nick`, `password`, `auto_configure`, `roomconfig` and `maximize`.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_muc::{RoomConfig, RoomOptions};
///
/// let options = RoomOptions::nick("Romeo").password("balcony");
/// assert!(!format!("{options:?}").contains("balcony"));
///
/// let created = RoomOptions::nick("Romeo")
///     .auto_configure(true)
///     .roomconfig(RoomConfig::new().name("The garden").members_only(true));
///
/// // As the 3.2 document writes it.
/// let created: RoomOptions = serde_json::from_value(json!({
///     "nick": "Romeo",
///     "auto_configure": true,
///     "roomconfig": { "roomname": "The garden", "membersonly": true },
/// }))?;
/// # let _ = created;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RoomOptions {
    pub(crate) nick: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) auto_configure: Option<bool>,
    #[serde(deserialize_with = "read_config")]
    pub(crate) roomconfig: Option<RoomConfig>,
    pub(crate) maximize: bool,
}

/// What is to become of a room that the user creates by entering it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Creation {
    pub(crate) auto_configure: bool,
    pub(crate) roomconfig: Option<RoomConfig>,
}

impl RoomOptions {
    /// To be in the room under this nick.
    pub fn nick(nick: impl Into<String>) -> Self {
        Self {
            nick: Some(nick.into()),
            ..Self::default()
        }
    }

    /// With the room's password.
    #[must_use]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Whether a room that does not exist yet, and that is created by entering it, is configured with
    /// [`roomconfig`](Self::roomconfig). By default it is not.
    #[must_use]
    pub fn auto_configure(mut self, auto_configure: bool) -> Self {
        self.auto_configure = Some(auto_configure);
        self
    }

    /// How a room that is created is configured, if [`auto_configure`](Self::auto_configure) says so.
    #[must_use]
    pub fn roomconfig(mut self, config: RoomConfig) -> Self {
        self.roomconfig = Some(config);
        self
    }

    /// Whether a room that was put aside is brought back, as [`Room::maximize`](crate::Room::maximize) does.
    #[must_use]
    pub fn maximize(mut self, maximize: bool) -> Self {
        self.maximize = maximize;
        self
    }
}

impl Creation {
    /// Takes what the options say about it.
    pub(crate) fn take(&mut self, options: &mut RoomOptions) {
        if let Some(auto_configure) = options.auto_configure {
            self.auto_configure = auto_configure;
        }
        if let Some(config) = options.roomconfig.take() {
            self.roomconfig = Some(config);
        }
    }

    /// How a room that was just created is to be configured; `None` if it is not said.
    pub(crate) fn wanted(&self) -> Option<RoomConfig> {
        let config = self.roomconfig.clone().unwrap_or_default();
        self.auto_configure.then_some(config)
    }
}

fn read_config<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RoomConfig>, D::Error> {
    let Some(map) = Option::<Value>::deserialize(deserializer)? else {
        return Ok(None);
    };
    RoomConfig::from_json(&map)
        .map(Some)
        .map_err(de::Error::custom)
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

impl From<EnterRoom> for RoomOptions {
    fn from(request: EnterRoom) -> Self {
        Self {
            nick: request.nick,
            password: request.password.map(Secret::from),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_map_has_the_attributes_of_the_document_and_no_others() {
        let of = |value| serde_json::from_value::<RoomOptions>(value);
        let options = of(json!({
            "nick": "mara",
            "password": "tidewrack",
            "maximize": true,
            "auto_configure": true,
            "roomconfig": {"membersonly": true},
        }));
        let options = options.unwrap_or_default();
        assert!(options.maximize && options.password.is_some() && options.roomconfig.is_some());
        assert!(of(json!({"roomconfig": 7})).is_err());
        assert!(of(json!({"nik": "mara"})).is_err());
    }
}
