//! A setting for code that reads it often, and for code that waits for it to change.

use std::fmt;

use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::error::SettingsError;
use super::handle::Settings;
use super::key::Key;

/// The value of one setting, kept at hand: as long as no setting changes, reading it costs one atomic load.
///
/// ```
/// use converse_core::settings::{Key, Settings, settings};
///
/// const FILTER_BY_RESOURCE: Key<bool> = Key::new("filter_by_resource");
///
/// let settings = Settings::new(settings! {});
/// let mut filter = settings.watch(&FILTER_BY_RESOURCE)?;
/// assert!(!*filter.get());
/// settings.set("filter_by_resource", true)?;
/// assert!(*filter.get());
/// # Ok::<(), converse_core::settings::SettingsError>(())
/// ```
pub struct Setting<T> {
    settings: Settings,
    key: Key<T>,
    seen: u64,
    value: T,
    changes: watch::Receiver<u64>,
}

impl<T: DeserializeOwned> Setting<T> {
    pub(crate) fn new(settings: Settings, key: Key<T>) -> Result<Self, SettingsError> {
        // The version is taken before the value: a change in between is read twice, never missed.
        let seen = settings.version();
        let value = settings.read(&key)?;
        Ok(Self {
            changes: settings.changes(),
            settings,
            key,
            seen,
            value,
        })
    }

    /// The value now.
    ///
    /// A value that a `T` cannot hold is logged, and the last one that it could stays.
    pub fn get(&mut self) -> &T {
        let version = self.settings.version();
        if version != self.seen {
            self.seen = version;
            self.reload();
        }
        &self.value
    }

    fn reload(&mut self) {
        match self.settings.read(&self.key) {
            Ok(value) => self.value = value,
            Err(error) => tracing::warn!("{error}; its last value stays in force"),
        }
    }
}

impl<T: DeserializeOwned + Clone + PartialEq> Setting<T> {
    /// Waits until the value is another one than the last that [`get`](Self::get) or this gave. Cancel safe.
    pub async fn changed(&mut self) -> &T {
        let last = self.value.clone();
        while *self.get() == last {
            if self.changes.changed().await.is_err() {
                // `settings` keeps the sender; without it there would be nothing to wait for.
                std::future::pending::<()>().await;
            }
        }
        &self.value
    }
}

impl<T: Clone> Clone for Setting<T> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            key: self.key,
            seen: self.seen,
            value: self.value.clone(),
            changes: self.changes.clone(),
        }
    }
}

impl<T> fmt::Debug for Setting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Setting").field(&self.key.name()).finish()
    }
}
