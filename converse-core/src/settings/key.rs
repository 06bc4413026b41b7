//! Names of settings that know the type of their value.

use std::fmt;
use std::marker::PhantomData;

/// A setting's name together with the Rust type its value is read as.
///
/// ```
/// use converse_core::settings::{Key, Settings, settings};
///
/// const PRIORITY: Key<i8> = Key::new("priority");
///
/// let settings = Settings::new(settings! { "priority": 5 });
/// assert_eq!(settings.read(&PRIORITY)?, 5);
/// # Ok::<(), converse_core::settings::SettingsError>(())
/// ```
pub struct Key<T> {
    name: &'static str,
    value: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// The setting `name`, read as a `T`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            value: PhantomData,
        }
    }

    /// The setting's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.name).finish()
    }
}
