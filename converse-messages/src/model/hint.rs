//! What servers are asked to do with a message.

use serde::{Deserialize, Serialize};

/// What servers are asked to do with a message (XEP-0334). They need not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Hint {
    /// Keep no record of it; hold it only until it is delivered.
    NoPermanentStore,
    /// Keep it nowhere, not even until the other one is there.
    NoStore,
    /// Give no copies of it to other clients than those that it is sent to (XEP-0280 §9).
    NoCopy,
    /// Keep it, although it has no text.
    Store,
}

impl Hint {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoPermanentStore => "no-permanent-store",
            Self::NoStore => "no-store",
            Self::NoCopy => "no-copy",
            Self::Store => "store",
        }
    }
}
