//! A time that may not be there, as [`rfc3339`] writes those that are.

use chrono::{DateTime, Utc};
use converse_core::contract::rfc3339;
use serde::{Deserialize, Deserializer, Serializer};

#[derive(Deserialize)]
#[serde(transparent)]
struct Moment(#[serde(with = "rfc3339")] DateTime<Utc>);

pub(super) fn serialize<S: Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => rfc3339::serialize(time, serializer),
        None => serializer.serialize_none(),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    let time = Option::<Moment>::deserialize(deserializer)?;
    Ok(time.map(|Moment(time)| time))
}
