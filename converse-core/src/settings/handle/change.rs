//! Declaring and setting.

use std::sync::PoisonError;

use serde_json::Value;

use super::Settings;
use crate::settings::declaration::{Declaration, Values};
use crate::settings::error::SettingsError;
use crate::settings::map::{Given, SettingsMap};

impl Settings {
    /// Sets `key` to `value` for the rest of the run; it takes effect at once.
    ///
    /// For a [`Kind::Map`](crate::settings::Kind::Map), `value` may name only the keys that change.
    ///
    /// # Errors
    ///
    /// There is no such setting (ignored with a warning if `strict_settings` is off), or the value does not fit it.
    /// Nothing is changed then.
    pub fn set(
        &self,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<(), SettingsError> {
        self.set_many(SettingsMap::new().with(key, value))
    }

    /// Sets several settings, all or none of them.
    ///
    /// ```
    /// use converse_core::settings::{Settings, settings};
    ///
    /// let settings = Settings::new(settings! {});
    /// settings.set_many(settings! { "play_sounds": true, "hide_offline_users": true })?;
    /// assert_eq!(settings.get("play_sounds"), Some(true.into()));
    ///
    /// let error = settings.set_many(settings! { "play_sounds": false, "hide_ofline_users": false });
    /// assert!(error.unwrap_err().to_string().contains("did you mean `hide_offline_users`?"));
    /// assert_eq!(settings.get("play_sounds"), Some(true.into()));
    /// # Ok::<(), converse_core::settings::SettingsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set), for the first that fails.
    pub fn set_many<M>(&self, map: M) -> Result<(), SettingsError>
    where
        M: TryInto<SettingsMap>,
        SettingsError: From<M::Error>,
    {
        let map = map.try_into()?;
        let mut ignored = Vec::new();
        self.change(|layers, values| {
            let strict = is_strict(values);
            map.iter().try_for_each(|(key, given)| {
                let ignored = (!strict).then_some(&mut ignored);
                layers.set(key, given, values, ignored)
            })
        })?;
        warn(&ignored);
        Ok(())
    }

    /// Takes back what was [`set`](Self::set) for `key`: what the application gave, or the default, counts again.
    ///
    /// # Errors
    ///
    /// The application gave a value that is not allowed, which [`finish`](Self::finish) has reported before.
    pub fn reset(&self, key: &str) -> Result<(), SettingsError> {
        self.change(|layers, _| {
            layers.reset(key);
            Ok(())
        })
    }

    /// Declares settings by their default values, or gives existing ones a new default (`settings.update` of the 3.2 document).
    ///
    /// A new setting gets the type of its value; what the application gave, or [`set`](Self::set) set before, stays in force.
    /// A default that is a map is merged into the one before; of two plugins, the later one's default wins.
    /// Where type, unit and documentation matter, prefer [`extend`](Self::extend).
    ///
    /// ```
    /// use converse_core::settings::{Settings, json, settings};
    ///
    /// let settings = Settings::new(settings! { "enable_foo": false });
    /// settings.for_plugin("myplugin").update(json!({ "enable_foo": true, "foo_size": 3 }))?;
    /// assert_eq!(settings.get("enable_foo"), Some(false.into()));
    /// assert_eq!(settings.get("foo_size"), Some(3.into()));
    /// # Ok::<(), converse_core::settings::SettingsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A default is of another type than the setting has; after [`finish`](Self::finish) also if a value that the application
    /// gave does not fit. Nothing is changed then.
    pub fn update<M>(&self, defaults: M) -> Result<(), SettingsError>
    where
        M: TryInto<SettingsMap>,
        SettingsError: From<M::Error>,
    {
        let defaults = defaults.try_into()?;
        self.change(|layers, _| {
            defaults.iter().try_for_each(|(key, Given { value, .. })| {
                layers.set_default(&self.owner, key, value.clone())
            })
        })
    }

    /// Declares settings with type, default and documentation.
    ///
    /// # Errors
    ///
    /// Another plugin declared one of them with another type, a default does not fit its own type, or, after
    /// [`finish`](Self::finish), a value that the application gave does not fit. Nothing is changed then.
    pub fn extend(
        &self,
        declarations: impl IntoIterator<Item = Declaration>,
    ) -> Result<(), SettingsError> {
        let declarations: Vec<_> = declarations.into_iter().collect();
        self.change(|layers, _| {
            declarations
                .into_iter()
                .try_for_each(|declaration| layers.declare(&self.owner, declaration))
        })
    }

    /// Ends the declarations: says everything that is wrong with what the application gave.
    ///
    /// A key inside a map that the map's default does not have is a warning only.
    ///
    /// # Errors
    ///
    /// A setting is unknown (a warning if `strict_settings` is off), or a value does not fit its setting; several
    /// are reported together.
    pub fn finish(&self) -> Result<(), SettingsError> {
        let state = self.shared.state.write();
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        state.layers.finish();
        let resolved = state.layers.resolve();
        let (mut problems, mut ignored) = (resolved.problems, resolved.strays);
        let strangers = state.layers.strangers();
        if is_strict(&state.values) {
            problems.extend(strangers);
        } else {
            ignored.extend(strangers);
        }
        // Whoever writes the log may read settings.
        drop(state);
        warn(&ignored);
        SettingsError::from_all(problems)
    }
}

fn is_strict(values: &Values) -> bool {
    let strict = values.get("strict_settings").and_then(Value::as_bool);
    strict.unwrap_or(true)
}

fn warn(ignored: &[SettingsError]) {
    for error in ignored {
        tracing::warn!("{error}; it is ignored");
    }
}
