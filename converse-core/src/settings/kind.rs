//! What a setting's value may be.

use std::fmt;

use serde_json::Value;

/// The type of a setting, with its limits.
///
/// ```
/// use converse_core::settings::{Kind, json};
///
/// let port = Kind::Integer { min: 1, max: 65_535 };
/// assert!(port.accepts(&json!(5222)));
/// assert!(!port.accepts(&json!(0)));
/// assert_eq!(port.to_string(), "integer from 1 to 65535");
/// assert!(Kind::OPTIONAL_TEXT.accepts(&json!(null)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number from `min` to `max`, both included.
    Integer {
        /// The least value allowed.
        min: i64,
        /// The greatest value allowed.
        max: i64,
    },
    /// Any number.
    Number,
    /// Text.
    Text,
    /// Text that is never shown.
    Secret,
    /// A list, whatever its items are; a list given by the application replaces the default.
    List,
    /// A list of texts; like [`Kind::List`] otherwise.
    Texts,
    /// A map whose default names every key it may have; what the application gives is merged into it.
    Map,
    /// A map that may have any key; what the application gives replaces the default.
    OpenMap,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A value of this kind, or none (`null`).
    Optional(&'static Kind),
    /// A value of any of these kinds. Text from an environment variable is read as the first that fits.
    Either(&'static [Kind]),
    /// Any value.
    Any,
}

impl Kind {
    /// A whole number without limits.
    pub const INTEGER: Self = Self::Integer {
        min: i64::MIN,
        max: i64::MAX,
    };
    /// A whole number from 0.
    pub const NATURAL: Self = Self::Integer {
        min: 0,
        max: i64::MAX,
    };
    /// A whole number from 1.
    pub const POSITIVE: Self = Self::Integer {
        min: 1,
        max: i64::MAX,
    };
    /// Text or nothing.
    pub const OPTIONAL_TEXT: Self = Self::Optional(&Self::Text);
    /// Secret text or nothing.
    pub const OPTIONAL_SECRET: Self = Self::Optional(&Self::Secret);

    /// The kind that a plain value has: how `settings().update` types a setting it has not met before.
    ///
    /// `null` says nothing about the kind and gives [`Kind::Any`]; an empty map gives [`Kind::OpenMap`].
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Any,
            Value::Bool(_) => Self::Bool,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(map) if map.is_empty() => Self::OpenMap,
            Value::Object(_) => Self::Map,
        }
    }

    /// Whether `value` is of this kind and within its limits.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Bool => value.is_boolean(),
            Self::Integer { min, max } => value
                .as_i64()
                .is_some_and(|number| (*min..=*max).contains(&number)),
            Self::Number => value.is_number(),
            Self::Text | Self::Secret => value.is_string(),
            Self::List => value.is_array(),
            Self::Texts => {
                let items = value.as_array();
                items.is_some_and(|items| items.iter().all(Value::is_string))
            }
            Self::Map | Self::OpenMap => value.is_object(),
            Self::Choice(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Optional(kind) => value.is_null() || kind.accepts(value),
            Self::Either(kinds) => kinds.iter().any(|kind| kind.accepts(value)),
            Self::Any => true,
        }
    }

    /// Whether values of this kind must not be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        match self {
            Self::Secret => true,
            Self::Optional(kind) => kind.is_secret(),
            Self::Either(kinds) => kinds.iter().any(Self::is_secret),
            _ => false,
        }
    }

    /// Whether what the application gives is merged into the default, key by key.
    pub(crate) fn merges(&self) -> bool {
        matches!(self, Self::Map)
    }

    /// Reads the text of an environment variable as a value of this kind; `None` if it is none.
    ///
    /// `true` and `false`, whole numbers, and JSON for lists and maps. Empty text is no value for an optional setting.
    pub(crate) fn parse(&self, text: &str) -> Option<Value> {
        let value = match self {
            Self::Text | Self::Secret | Self::Choice(_) => Value::from(text),
            Self::Optional(_) if text.is_empty() => Value::Null,
            Self::Optional(kind) => return kind.parse(text),
            Self::Either(kinds) => return kinds.iter().find_map(|kind| kind.parse(text)),
            Self::Any => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
            _ => serde_json::from_str(text.trim()).ok()?,
        };
        self.accepts(&value).then_some(value)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Integer { min, max } => match (*min, *max) {
                (i64::MIN, i64::MAX) => f.write_str("integer"),
                (min, i64::MAX) => write!(f, "integer from {min}"),
                (i64::MIN, max) => write!(f, "integer up to {max}"),
                (min, max) => write!(f, "integer from {min} to {max}"),
            },
            Self::Number => f.write_str("number"),
            Self::Text => f.write_str("text"),
            Self::Secret => f.write_str("secret text"),
            Self::List => f.write_str("list"),
            Self::Texts => f.write_str("list of texts"),
            Self::Map | Self::OpenMap => f.write_str("map"),
            Self::Choice(words) => {
                for (index, word) in words.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}`{word}`")?;
                }
                Ok(())
            }
            Self::Optional(kind) => write!(f, "{kind} or nothing"),
            Self::Either(kinds) => {
                for (index, kind) in kinds.iter().enumerate() {
                    let separator = if index == 0 { "" } else { " or " };
                    write!(f, "{separator}{kind}")?;
                }
                Ok(())
            }
            Self::Any => f.write_str("anything"),
        }
    }
}

/// What `value` is, in the words of [`Kind`]'s `Display`, without showing any of it.
pub(crate) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}
