//! What a message said before it was corrected (XEP-0308).

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many earlier texts of a message are kept, the newest.
const MAX_VERSIONS: usize = 10;
/// How many bytes of earlier texts of a message are kept.
const MAX_BYTES: usize = 64 * 1024;

/// That a message was corrected, and what it said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Edit {
    /// When it got the text that it has now.
    #[serde(with = "converse_core::contract::rfc3339")]
    pub time: DateTime<Utc>,
    /// How often it was corrected.
    pub count: u32,
    /// What it said before, the oldest first: the newest ten texts, as far as 64 KiB hold them.
    pub older: Vec<Version>,
}

/// What a message said before it was corrected.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Version {
    /// When it said so first.
    #[serde(with = "converse_core::contract::rfc3339")]
    pub time: DateTime<Utc>,
    /// The text.
    pub body: String,
}

impl Edit {
    /// Adds a text that it once had.
    pub(super) fn keep(&mut self, version: Version) {
        self.count = self.count.saturating_add(1);
        let later = |other: &Version| other.time > version.time;
        let place = self
            .older
            .iter()
            .position(later)
            .unwrap_or(self.older.len());
        self.older.insert(place, version);
        while self.older.len() > MAX_VERSIONS || self.size() > MAX_BYTES {
            self.older.remove(0);
        }
    }

    /// The bytes of the earlier texts.
    pub(super) fn size(&self) -> usize {
        self.older.iter().map(|version| version.body.len()).sum()
    }
}

/// The text is private and is left out.
impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Version")
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
