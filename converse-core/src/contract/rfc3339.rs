//! Times as text for serde: `#[serde(with = "converse_core::contract::rfc3339")]`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serializer, de};

/// The time as `2002-09-10T23:08:25.000Z` (RFC 3339, XEP-0082), to the millisecond.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The time that a text in RFC 3339 stands for.
///
/// # Errors
///
/// The text is no such time.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    DateTime::parse_from_rfc3339(&text)
        .map(|time| time.to_utc())
        .map_err(de::Error::custom)
}
