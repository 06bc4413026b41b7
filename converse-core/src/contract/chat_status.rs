//! Whether somebody can be reached.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether somebody can be reached (RFC 6121 §4.7.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    ///
    /// ```
    /// use converse_core::contract::ChatStatus;
    ///
    /// assert_eq!(ChatStatus::of_show(Some("dnd")), ChatStatus::Dnd);
    /// assert_eq!(ChatStatus::of_show(None), ChatStatus::Online);
    /// ```
    #[must_use]
    pub fn of_show(show: Option<&str>) -> Self {
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
