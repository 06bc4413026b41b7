//! One resource's presence, and which of several counts.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Whether somebody can be reached (RFC 6121 §4.7.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ChatStatus {
    /// Available.
    Online,
    /// Available and eager to chat.
    Chat,
    /// Away for a short while.
    Away,
    /// Away for a long while.
    Xa,
    /// Does not want to be disturbed; the 3.2 document calls it `busy`.
    #[serde(alias = "busy")]
    Dnd,
    /// Not available.
    #[default]
    Offline,
}

impl ChatStatus {
    /// The name by which the 3.2 document and the wire know it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Chat => "chat",
            Self::Away => "away",
            Self::Xa => "xa",
            Self::Dnd => "dnd",
            Self::Offline => "offline",
        }
    }

    /// Whether any resource is there.
    #[must_use]
    pub fn is_available(self) -> bool {
        self != Self::Offline
    }

    /// What the `<show/>` of an available resource stands for; one that is unknown says no more than that it is there.
    pub(crate) fn of_show(show: Option<&str>) -> Self {
        match show {
            Some("chat") => Self::Chat,
            Some("away") => Self::Away,
            Some("xa") => Self::Xa,
            Some("dnd") => Self::Dnd,
            _ => Self::Online,
        }
    }
}

impl fmt::Display for ChatStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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
