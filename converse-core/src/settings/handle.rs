//! The handle through which everybody reads and changes settings.

mod change;
mod shown;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::watch;

use super::declaration::{Declaration, Values};
use super::error::SettingsError;
use super::key::Key;
use super::kind::found;
use super::layers::{Layers, Resolved};
use super::map::SettingsMap;
use super::origin::Origin;
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

struct State {
    layers: Layers,
    values: Arc<Values>,
}

impl Settings {
    /// The core's settings and those of the 3.2 document, with `application` on top.
    ///
    /// Nothing is refused yet: a value of the wrong type leaves the default in place until [`finish`](Self::finish) reports it.
    #[must_use]
    pub fn new(application: SettingsMap) -> Self {
        let mut layers = Layers::new(application);
        for declaration in table::all() {
            if let Err(error) = layers.declare(table::CORE, declaration) {
                // A fault of the table, which the tests of the documentation would have found.
                tracing::error!("{error}");
            }
        }
        let values = Arc::new(layers.resolve().values);
        let state = State { layers, values };
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
        self.values().get(key).cloned()
    }

    /// The value of `key` as a `T`.
    ///
    /// # Errors
    ///
    /// There is no such setting, or a `T` cannot hold its value.
    pub fn get_as<T: DeserializeOwned>(&self, key: &str) -> Result<T, SettingsError> {
        let values = self.values();
        let Some(value) = values.get(key) else {
            return Err(self.with(|state| state.layers.unknown(key, &Origin::Code)));
        };
        T::deserialize(value).map_err(|_| SettingsError::WrongType {
            key: key.to_owned(),
            expected: format!("what is read here, `{}`", std::any::type_name::<T>()),
            found: found(value).to_owned(),
            origin: Origin::Code,
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

    /// All settings that are declared, in alphabetical order.
    #[must_use]
    pub fn declarations(&self) -> Vec<Declaration> {
        self.with(|state| state.layers.declared().cloned().collect())
    }

    /// How often a value was changed or added: the same number means that every value is the same.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.shared.version.load(Ordering::Acquire)
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    fn values(&self) -> Arc<Values> {
        self.with(|state| Arc::clone(&state.values))
    }

    fn with<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        let state = self.shared.state.read();
        read(&state.unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs `change` on a copy of the layers and puts the copy in force if all went well.
    fn change(
        &self,
        change: impl FnOnce(&mut Layers, &Values) -> Result<(), SettingsError>,
    ) -> Result<(), SettingsError> {
        let state = self.shared.state.write();
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let mut layers = state.layers.clone();
        change(&mut layers, &state.values)?;
        let Resolved {
            values, problems, ..
        } = layers.resolve();
        if layers.is_finished() {
            SettingsError::from_all(problems)?;
        }
        if *state.values != values {
            state.values = Arc::new(values);
            let version = self.version() + 1;
            self.shared.version.store(version, Ordering::Release);
            self.shared.changes.send_replace(version);
        }
        state.layers = layers;
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(SettingsMap::new())
    }
}
