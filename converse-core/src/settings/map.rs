//! Settings as an application gives them: names and values, and where each came from.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;

use serde_json::Value;

use super::error::SettingsError;
use super::kind::found;
use super::origin::Origin;

/// A value and where it was given.
#[derive(Clone, PartialEq)]
pub(crate) struct Given {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// What an application gives to `initialize`, or a plugin to `settings().update`: names and values.
///
/// Made by [`settings!`](crate::settings!), from JSON ([`TryFrom<Value>`]), from TOML or JSON text or a file, and from
/// environment variables. [`over`](Self::over) puts several on top of one another; the usual order is
/// code over environment over file:
///
/// ```
/// use converse_core::settings::{SettingsMap, settings};
///
/// let file = SettingsMap::from_toml_str("jid = 'romeo@montague.example'\npriority = 1")?;
/// let environment = SettingsMap::from_variables("CONVERSE_", [("CONVERSE_PRIORITY", "2")])?;
/// let all = settings! { "keepalive": false }.over(environment).over(file);
/// assert_eq!(all.keys().collect::<Vec<_>>(), ["jid", "keepalive", "priority"]);
/// # Ok::<(), converse_core::settings::SettingsError>(())
/// ```
///
/// `Debug` shows names and types only, because no one has said yet which values are secret.
#[derive(Clone, Default, PartialEq)]
pub struct SettingsMap {
    given: BTreeMap<String, Given>,
}

impl Given {
    pub(crate) fn in_code(value: Value) -> Self {
        let origin = Origin::Code;
        Self { value, origin }
    }
}

impl SettingsMap {
    /// A map without settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same map with `key` set to `value`, in place of what it was before.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.insert(key, value);
        self
    }

    /// Sets `key` to `value`, in place of what it was before.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.insert_from(key.into(), value.into(), Origin::Code);
    }

    pub(crate) fn insert_from(&mut self, key: String, value: Value, origin: Origin) {
        self.given.insert(key, Given { value, origin });
    }

    /// The value given for `key`. A value from an environment variable is still text here.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.given.get(key).map(|given| &given.value)
    }

    pub(crate) fn given(&self, key: &str) -> Option<&Given> {
        self.given.get(key)
    }

    pub(crate) fn iter(&self) -> btree_map::Iter<'_, String, Given> {
        self.given.iter()
    }

    /// The names, in alphabetical order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.given.keys().map(String::as_str)
    }

    /// How many settings it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.given.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// This map, with what it does not set taken from `weaker`; a setting is taken as a whole, also if it is a map or a list.
    #[must_use]
    pub fn over(mut self, weaker: Self) -> Self {
        for (key, given) in weaker.given {
            self.given.entry(key).or_insert(given);
        }
        self
    }
}

impl fmt::Debug for SettingsMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.given.iter();
        let types = types.map(|(key, given)| (key, found(&given.value)));
        f.debug_map().entries(types).finish()
    }
}

impl From<serde_json::Map<String, Value>> for SettingsMap {
    fn from(map: serde_json::Map<String, Value>) -> Self {
        map.into_iter().collect()
    }
}

impl TryFrom<Value> for SettingsMap {
    type Error = SettingsError;

    fn try_from(value: Value) -> Result<Self, SettingsError> {
        match value {
            Value::Object(map) => Ok(map.into()),
            other => Err(SettingsError::NotAMap {
                found: found(&other).to_owned(),
            }),
        }
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for SettingsMap {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(iter: I) -> Self {
        let mut map = Self::new();
        for (key, value) in iter {
            map.insert(key, value);
        }
        map
    }
}

/// A [`SettingsMap`](crate::settings::SettingsMap), written like JSON; values are any expression that serde can serialise.
///
/// ```
/// use converse_core::settings::settings;
///
/// let priority = 5;
/// let map = settings! {
///     "jid": "romeo@montague.example",
///     "priority": priority,
///     "auto_join_rooms": [{ "jid": "garden@chat.montague.example", "nick": "Romeo" }],
/// };
/// assert_eq!(map.len(), 3);
/// assert!(settings! {}.is_empty());
/// ```
#[macro_export]
macro_rules! settings {
    // One step an entry, so that every setting there is can be given without a higher recursion limit.
    (@into $map:ident) => {};
    (@into $map:ident $key:literal : null $(, $($rest:tt)*)?) => {
        let $map = $map.with($key, $crate::settings::Value::Null);
        $crate::settings!(@into $map $($($rest)*)?);
    };
    (@into $map:ident $key:literal : [$($items:tt)*] $(, $($rest:tt)*)?) => {
        let $map = $map.with($key, $crate::settings::json!([$($items)*]));
        $crate::settings!(@into $map $($($rest)*)?);
    };
    (@into $map:ident $key:literal : {$($entries:tt)*} $(, $($rest:tt)*)?) => {
        let $map = $map.with($key, $crate::settings::json!({$($entries)*}));
        $crate::settings!(@into $map $($($rest)*)?);
    };
    (@into $map:ident $key:literal : $value:expr $(, $($rest:tt)*)?) => {
        let $map = $map.with($key, $crate::settings::json!($value));
        $crate::settings!(@into $map $($($rest)*)?);
    };
    ($($entries:tt)*) => {{
        let map = $crate::settings::SettingsMap::new();
        $crate::settings!(@into map $($entries)*);
        map
    }};
}
