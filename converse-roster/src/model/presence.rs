//! One resource's presence, and which of several counts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::contract::ChatStatus;
use serde::{Deserialize, Serialize};

/// A client of a contact that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Resource {
    /// Its priority (RFC 6121 §4.7.2.3).
    pub priority: i8,
    /// Its status.
    pub chat_status: ChatStatus,
    /// Its status text.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "text")]
    pub status: Option<Arc<str>>,
    /// When it said so.
    #[serde(with = "converse_core::contract::rfc3339")]
    pub since: DateTime<Utc>,
    /// The order of arrival, for those that say so at the same time.
    #[serde(skip)]
    pub(crate) order: u64,
}

impl Resource {
    /// The highest priority counts, among equals the newest.
    pub(crate) fn rank(&self) -> (i8, DateTime<Utc>, u64) {
        (self.priority, self.since, self.order)
    }
}

/// Text that several values share, as serde sees it.
pub(super) mod text {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::model) fn serialize<S: Serializer>(
        text: &Option<Arc<str>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        text.as_deref().serialize(serializer)
    }

    pub(in crate::model) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<str>>, D::Error> {
        Option::<String>::deserialize(deserializer).map(|text| text.map(Arc::from))
    }
}
