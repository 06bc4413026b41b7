//! Settings from environment variables.

use std::ffi::OsString;

use serde_json::Value;

use crate::settings::error::SettingsError;
use crate::settings::map::SettingsMap;
use crate::settings::origin::Origin;

impl SettingsMap {
    /// The environment variables of this process that begin with `prefix`; see [`from_variables`](Self::from_variables).
    ///
    /// # Errors
    ///
    /// As [`from_variables`](Self::from_variables).
    pub fn from_environment(prefix: &str) -> Result<Self, SettingsError> {
        Self::from_variables(prefix, std::env::vars_os())
    }

    /// Those of `variables` that begin with `prefix`: what follows it, in lower case, is the setting's name.
    ///
    /// Values stay text until the setting's type is known: `true` or `false`, a whole number, a word, or JSON for a
    /// list or a map. Empty text means no value where a setting need not have one. A variable that begins with
    /// `prefix` but names no setting is an error like any unknown setting, reported by
    /// [`Settings::finish`](super::super::Settings::finish).
    ///
    /// ```
    /// use converse_core::settings::{Settings, SettingsMap};
    ///
    /// let map = SettingsMap::from_variables("CONVERSE_", [
    ///     ("CONVERSE_AUTO_AWAY", "300"),
    ///     ("CONVERSE_WHITELISTED_PLUGINS", r#"["greeter"]"#),
    ///     ("HOME", "/home/romeo"),
    /// ])?;
    /// let settings = Settings::new(map);
    /// settings.finish()?;
    /// assert_eq!(settings.get_as::<u64>("auto_away")?, 300);
    /// assert_eq!(settings.get_as::<Vec<String>>("whitelisted_plugins")?, ["greeter"]);
    /// # Ok::<(), converse_core::settings::SettingsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A value is not UTF-8, or two variables differ in nothing but the case of their names.
    pub fn from_variables<K, V>(
        prefix: &str,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, SettingsError>
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let mut map = Self::new();
        for (variable, value) in variables {
            // A name that is not UTF-8 is not one of ours.
            let Ok(variable) = variable.into().into_string() else {
                continue;
            };
            let Some(name) = variable.strip_prefix(prefix) else {
                continue;
            };
            let key = name.to_lowercase();
            let Ok(value) = value.into().into_string() else {
                return Err(SettingsError::NotUtf8 { variable });
            };
            let origin = Origin::Variable(variable);
            if map.get(&key).is_some() {
                return Err(SettingsError::Duplicate { key, origin });
            }
            map.insert_from(key, Value::from(value), origin);
        }
        Ok(map)
    }
}
