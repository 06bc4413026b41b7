//! The attributes of a room, by the names of converse.js.

use converse_core::Error;
use serde_json::Value;

use super::Room;
use crate::error::MucError;
use crate::managing::RoomConfig;

impl Room {
    /// An attribute by its name in converse.js, such as `name`, `nick`, `connection_status`, `subject`, `membersonly`, `minimized` or
    /// `num_unread`, or whatever was [set](Self::set). `None` for one that is not there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn get(&self, attribute: &str) -> Result<Option<Value>, Error> {
        drop(self.opened.open()?);
        let value = self.opened.attributes().remove(attribute);
        Ok(value.filter(|value| !value.is_null()))
    }

    /// Sets an attribute: `minimized`, `auto_configure`, `roomconfig`, or one for the application's own use. `null` takes one away.
    ///
    /// `auto_configure` and `roomconfig` count when the room is created by entering it; see
    /// [`RoomOptions::auto_configure`](crate::RoomOptions::auto_configure).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for one that follows from what happens in the room, or
    /// that cannot have this value; [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn set(&self, attribute: &str, value: impl Into<Value>) -> Result<(), Error> {
        let value = value.into();
        match attribute {
            "minimized" if yes_or_no("minimized", &value)? => self.minimize(),
            "minimized" => self.maximize(),
            "auto_configure" => {
                let auto_configure = yes_or_no("auto_configure", &value)?;
                self.opened.open()?.creation.auto_configure = auto_configure;
                self.note();
                Ok(())
            }
            "roomconfig" => {
                let config = RoomConfig::from_json(&value)?;
                self.opened.open()?.creation.roomconfig = Some(config);
                Ok(())
            }
            _ => {
                self.opened.set_attribute(attribute, value)?;
                self.note();
                Ok(())
            }
        }
    }

    /// Whether it is put aside.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn is_minimized(&self) -> Result<bool, Error> {
        Ok(self.opened.open()?.minimized)
    }

    /// Whether what is said in the room goes to a public archive (XEP-0045 §7.2.12); `None` if the room told nothing about that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn is_logged(&self) -> Result<Option<bool>, Error> {
        Ok(self.opened.open()?.logged)
    }
}

fn yes_or_no(attribute: &'static str, value: &Value) -> Result<bool, MucError> {
    let expected = "true or false";
    value.as_bool().ok_or(MucError::WrongValue {
        attribute,
        expected,
    })
}
