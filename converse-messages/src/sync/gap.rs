//! Messages by which an archive is cut into what is known and what is not.

use chrono::{DateTime, Utc};
use converse_core::store::Place;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A message of an archive that is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mark {
    /// Its id in the archive.
    pub id: String,
    /// Where it stands here.
    #[serde(serialize_with = "write_place", deserialize_with = "read_place")]
    pub place: Place,
    /// When the archive got it, as the archive says; never what somebody else says, nor what the clock here says.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "write_time",
        deserialize_with = "read_time"
    )]
    pub time: Option<DateTime<Utc>>,
}

impl Mark {
    /// The message with this id, at this place.
    pub fn new(id: impl Into<String>, place: Place, time: Option<DateTime<Utc>>) -> Self {
        Self {
            id: id.into(),
            place,
            time,
        }
    }
}

/// Part of an archive that is not known here: what lies between two messages, both of which are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gap {
    /// A number that no other gap of the archive has or had; those of newer gaps are greater.
    pub number: u64,
    /// The newest message before it; none if everything older is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Mark>,
    /// The oldest message behind it; none if everything newer is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Mark>,
}

impl Gap {
    /// What lies between two messages.
    #[must_use]
    pub fn new(number: u64, after: Option<Mark>, before: Option<Mark>) -> Self {
        Self {
            number,
            after,
            before,
        }
    }

    /// Whether what stands there is behind it.
    #[must_use]
    pub fn is_before(&self, place: Place) -> bool {
        self.before.as_ref().is_none_or(|edge| edge.place <= place)
    }
}

fn write_place<S: Serializer>(place: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    (place.micros, place.number).serialize(serializer)
}

fn read_place<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Place, D::Error> {
    let (micros, number) = Deserialize::deserialize(deserializer)?;
    Ok(Place::new(micros, number))
}

fn write_time<S: Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.timestamp_micros())
        .serialize(serializer)
}

fn read_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    let micros = Option::<i64>::deserialize(deserializer)?;
    Ok(micros.and_then(DateTime::from_timestamp_micros))
}
