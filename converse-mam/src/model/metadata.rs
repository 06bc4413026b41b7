//! What an archive says about itself.

use chrono::{DateTime, Utc};

/// The first and the last message of an archive (XEP-0313 §5).
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The oldest message; none in an empty archive.
    pub start: Option<ArchiveEdge>,
    /// The newest message; none in an empty archive.
    pub end: Option<ArchiveEdge>,
}

/// The first or the last message of an archive.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ArchiveEdge {
    /// Its archive id.
    pub id: String,
    /// When the archive got it; none if it does not tell in a way that can be read.
    #[serde(serialize_with = "super::date::serialize")]
    pub time: Option<DateTime<Utc>>,
}

impl ArchiveEdge {
    pub(crate) fn new(id: String, time: Option<DateTime<Utc>>) -> Self {
        Self { id, time }
    }
}
