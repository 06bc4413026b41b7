//! The handle through which everybody reads and changes settings.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use tokio::sync::watch;

use super::declaration::{Declaration, Values};
use super::error::SettingsError;
use super::key::Key;
use super::kind::found;
use super::layers::Layers;
use super::map::{Given, SettingsMap};
use super::origin::Origin;
use super::redact::redacted;
use super::table;
use super::watch::Setting;

/// Who declares what is declared through the handle that the application has.
const APPLICATION: &str = "application";

/// The settings of one instance; a clone is another handle to the same ones.
///
/// A value is looked up in three layers, the last that has it wins: the default that was declared, what the
/// application gave to `initialize`, and what [`set`](Self::set) set since. Maps are merged key by key
/// ([`Kind::Map`](super::Kind::Map)); everything else is taken as a whole.
///
/// Life of an instance: [`new`](Self::new) with what the application gave, then each plugin, in plugin order, calls
/// [`extend`](Self::extend) or [`update`](Self::update), then [`finish`](Self::finish) says what is wrong with what the
/// application gave.
///
/// `Debug` and `Serialize` show `***` in place of secrets.
#[derive(Clone)]
pub struct Settings {
    shared: Arc<Shared>,
    owner: Arc<str>,
}

struct Shared {
    state: RwLock<State>,
    /// Counts the changes; written under the lock of `state`, read without it.
    version: AtomicU64,
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    layers: Layers,
    values: Arc<Values>,
    problems: Vec<SettingsError>,
}

impl Settings {
    /// The core's settings and those of the 3.2 document, with `application` on top.
    ///
    /// Nothing is refused yet: a value of the wrong type leaves the default in place until [`finish`](Self::finish) reports it.
    #[must_use]
    pub fn new(application: SettingsMap) -> Self {
        let mut layers = Layers::new(application);
        let mut problems = Vec::new();
        for declaration in table::all() {
            problems.extend(layers.declare(table::CORE, declaration).err());
        }
        let (values, wrong) = layers.resolve();
        problems.extend(wrong);
        let state = State {
            layers,
            values: Arc::new(values),
            problems,
        };
        Self {
            shared: Arc::new(Shared {
                state: RwLock::new(state),
                version: AtomicU64::new(0),
                changes: watch::Sender::new(0),
            }),
            owner: Arc::from(APPLICATION),
        }
    }

    /// A handle to the same settings that declares in the name of `plugin`.
    #[must_use]
    pub fn for_plugin(&self, plugin: &str) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            owner: Arc::from(plugin),
        }
    }

    /// The value of `key`; `None` if there is no such setting, `null` if it has no value.
    ///
    /// A secret is given as it is: this is what reads the password to log in. Prefer [`read`](Self::read), which can give a
    /// [`Secret`](super::Secret).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value> {
        self.with(|state| state.values.get(key).cloned())
    }

    /// The value of `key` as a `T`.
    ///
    /// # Errors
    ///
    /// There is no such setting, or a `T` cannot hold its value.
    pub fn get_as<T: DeserializeOwned>(&self, key: &str) -> Result<T, SettingsError> {
        self.with(|state| {
            let value = state.values.get(key);
            let value = value.ok_or_else(|| state.layers.unknown(key, &Origin::Code))?;
            T::deserialize(value).map_err(|_| SettingsError::WrongType {
                key: key.to_owned(),
                expected: format!("what is read here, `{}`", std::any::type_name::<T>()),
                found: found(value).to_owned(),
                origin: Origin::Code,
            })
        })
    }

    /// The value of a typed key.
    ///
    /// # Errors
    ///
    /// As [`get_as`](Self::get_as).
    pub fn read<T: DeserializeOwned>(&self, key: &Key<T>) -> Result<T, SettingsError> {
        self.get_as(key.name())
    }

    /// A copy of the value of `key` that notices when the setting changes, for code that reads it often.
    ///
    /// # Errors
    ///
    /// As [`get_as`](Self::get_as).
    pub fn watch<T: DeserializeOwned>(&self, key: &Key<T>) -> Result<Setting<T>, SettingsError> {
        Setting::new(self.clone(), *key)
    }

    /// Sets `key` to `value` for the rest of the run; it takes effect at once.
    ///
    /// For a [`Kind::Map`](super::Kind::Map), `value` may name only the keys that change.
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
        self.change(|layers, values| {
            let strict = is_strict(values);
            map.iter()
                .try_for_each(|(key, given)| layers.set(key, given, values, strict))
        })
    }

    /// Takes back what was [`set`](Self::set) for `key`: what the application gave, or the default, counts again.
    pub fn reset(&self, key: &str) {
        // A change that cannot fail: the layers below were checked when they were made.
        let _ = self.change(|layers, _| {
            layers.reset(key);
            Ok(())
        });
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
    /// # Errors
    ///
    /// A setting is unknown (a warning if `strict_settings` is off), or a value does not fit its setting; several
    /// are reported together.
    pub fn finish(&self) -> Result<(), SettingsError> {
        let mut state = self
            .shared
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut problems = std::mem::take(&mut state.problems);
        let strict = is_strict(&state.values);
        for stranger in state.layers.strangers() {
            if strict {
                problems.push(stranger);
            } else {
                tracing::warn!("{stranger}; it is ignored");
            }
        }
        state.layers.finish();
        SettingsError::from_all(problems)
    }

    /// All settings that are declared, in alphabetical order.
    #[must_use]
    pub fn declarations(&self) -> Vec<Declaration> {
        self.with(|state| state.layers.declared().cloned().collect())
    }

    /// How often a setting was changed or declared: the same number means that every value is the same.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// Runs `change` on a copy of the layers and puts the copy in force if all went well.
    fn change(
        &self,
        change: impl FnOnce(&mut Layers, &Values) -> Result<(), SettingsError>,
    ) -> Result<(), SettingsError> {
        let mut state = self
            .shared
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut layers = state.layers.clone();
        change(&mut layers, &state.values)?;
        let (values, problems) = layers.resolve();
        if layers.is_finished() {
            SettingsError::from_all(problems)?;
            state.problems.clear();
        } else {
            state.problems = problems;
        }
        if *state.values != values {
            state.values = Arc::new(values);
            let version = self.shared.version.fetch_add(1, Ordering::Release) + 1;
            self.shared.changes.send_replace(version);
        }
        state.layers = layers;
        Ok(())
    }

    fn with<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        read(
            &self
                .shared
                .state
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Each setting with its value as it may be shown.
    fn shown(&self) -> Vec<(String, Value)> {
        self.with(|state| {
            let values = state.values.iter();
            let shown = values.map(|(key, value)| {
                let kind = state.layers.declaration(key).map(|found| found.kind);
                let secret = kind.is_some_and(|kind| kind.is_secret());
                (key.clone(), redacted(value, secret))
            });
            shown.collect()
        })
    }
}

fn is_strict(values: &Values) -> bool {
    values
        .get("strict_settings")
        .and_then(Value::as_bool)
        .unwrap_or(true)
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(SettingsMap::new())
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        let entries = shown.iter().map(|(key, value)| (key, value.to_string()));
        f.debug_map().entries(entries).finish()
    }
}

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.shown();
        let mut map = serializer.serialize_map(Some(shown.len()))?;
        for (key, value) in &shown {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
