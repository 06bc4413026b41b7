//! What is known about a setting before anyone gives it a value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::kind::Kind;

/// The values of all settings, by name.
pub(crate) type Values = BTreeMap<String, Value>;

/// A default that is worked out from other settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Derived {
    /// Works it out from the values of the settings that are not derived themselves.
    pub(crate) compute: fn(&Values) -> Value,
    /// What it does, for the table in the documentation.
    pub(crate) doc: &'static str,
}

/// One setting: name, type, default, one line of documentation, and who reads it.
///
/// ```
/// use converse_core::settings::{Declaration, Settings, settings};
///
/// let settings = Settings::new(settings! { "greeting": "Good morrow" });
/// settings.for_plugin("greeter").extend([
///     Declaration::text("greeting", "Hello", "What each contact is greeted with."),
///     Declaration::integer("greeting_delay", 3, 0..=60, "Seconds before the greeting."),
/// ])?;
/// settings.finish()?;
/// assert_eq!(settings.get_as::<String>("greeting")?, "Good morrow");
/// assert_eq!(settings.get_as::<u32>("greeting_delay")?, 3);
/// # Ok::<(), converse_core::settings::SettingsError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Declaration {
    /// The name.
    pub key: Cow<'static, str>,
    /// What values it takes.
    pub kind: Kind,
    /// Its value when nobody gives one. Never a secret: these are shown in the documentation.
    pub default: Value,
    /// What it does, in one line, with its unit.
    pub doc: Cow<'static, str>,
    /// The plugin that reads it; empty until it is declared through a handle that knows its plugin.
    pub owner: Cow<'static, str>,
    /// Whether it means something without a user interface. If not, it is accepted and readable for an application that has one.
    pub headless: bool,
    pub(crate) derived: Option<Derived>,
}

impl Declaration {
    /// A setting of `kind` that is `default` unless someone gives it a value.
    pub fn new(
        key: impl Into<Cow<'static, str>>,
        kind: Kind,
        default: impl Into<Value>,
        doc: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            key: key.into(),
            kind,
            default: default.into(),
            doc: doc.into(),
            owner: Cow::Borrowed(""),
            headless: true,
            derived: None,
        }
    }

    /// A [`Kind::Bool`].
    #[must_use]
    pub fn bool(key: &'static str, default: bool, doc: &'static str) -> Self {
        Self::new(key, Kind::Bool, default, doc)
    }

    /// A [`Kind::Integer`] within `limits`.
    #[must_use]
    pub fn integer(
        key: &'static str,
        default: i64,
        limits: impl std::ops::RangeBounds<i64>,
        doc: &'static str,
    ) -> Self {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let min = match limits.start_bound() {
            Included(min) => *min,
            Excluded(min) => min.saturating_add(1),
            Unbounded => i64::MIN,
        };
        let max = match limits.end_bound() {
            Included(max) => *max,
            Excluded(max) => max.saturating_sub(1),
            Unbounded => i64::MAX,
        };
        Self::new(key, Kind::Integer { min, max }, default, doc)
    }

    /// A [`Kind::Text`].
    #[must_use]
    pub fn text(key: &'static str, default: &'static str, doc: &'static str) -> Self {
        Self::new(key, Kind::Text, default, doc)
    }

    /// A [`Kind::OPTIONAL_TEXT`] that is not set by default.
    #[must_use]
    pub fn optional_text(key: &'static str, doc: &'static str) -> Self {
        Self::new(key, Kind::OPTIONAL_TEXT, Value::Null, doc)
    }

    /// A [`Kind::OPTIONAL_SECRET`] that is not set by default.
    #[must_use]
    pub fn secret(key: &'static str, doc: &'static str) -> Self {
        Self::new(key, Kind::OPTIONAL_SECRET, Value::Null, doc)
    }

    /// A [`Kind::List`] that is empty by default.
    #[must_use]
    pub fn list(key: &'static str, doc: &'static str) -> Self {
        Self::new(key, Kind::List, Value::Array(Vec::new()), doc)
    }

    /// A [`Kind::Texts`] that is empty by default.
    #[must_use]
    pub fn texts(key: &'static str, doc: &'static str) -> Self {
        Self::new(key, Kind::Texts, Value::Array(Vec::new()), doc)
    }

    /// A [`Kind::Choice`] among `words`.
    #[must_use]
    pub fn choice(
        key: &'static str,
        words: &'static [&'static str],
        default: &'static str,
        doc: &'static str,
    ) -> Self {
        Self::new(key, Kind::Choice(words), default, doc)
    }

    /// The same setting, read by the plugin `owner`.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<Cow<'static, str>>) -> Self {
        self.owner = owner.into();
        self
    }

    /// The same setting, without effect where there is no user interface.
    #[must_use]
    pub fn ui(mut self) -> Self {
        self.headless = false;
        self
    }

    /// The same setting with a default that `compute` works out; `doc` says how.
    #[must_use]
    pub(crate) fn derived(mut self, compute: fn(&Values) -> Value, doc: &'static str) -> Self {
        self.derived = Some(Derived { compute, doc });
        self
    }
}
