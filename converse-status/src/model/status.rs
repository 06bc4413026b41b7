//! The values that the own status can have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::StatusError;

/// The user's own chat status, also called availability.
///
/// ```
/// use converse_status::Status;
///
/// assert_eq!("away".parse(), Ok(Status::Away));
/// assert_eq!(Status::Xa.to_string(), "xa");
/// assert!("Away".parse::<Status>().is_err());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Status {
    /// Available.
    #[default]
    Online,
    /// Available and eager to chat.
    Chat,
    /// Away for a short while.
    Away,
    /// Does not want to be disturbed.
    Dnd,
    /// Away for a long while.
    Xa,
    /// Connected, and shown to nobody. On the wire the same as [`Unavailable`](Self::Unavailable).
    Offline,
    /// Connected, and shown to nobody.
    Unavailable,
}

impl Status {
    /// The name by which the 3.2 document knows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Chat => "chat",
            Self::Away => "away",
            Self::Dnd => "dnd",
            Self::Xa => "xa",
            Self::Offline => "offline",
            Self::Unavailable => "unavailable",
        }
    }

    /// Whether others see that the user is there.
    #[must_use]
    pub fn is_available(self) -> bool {
        !matches!(self, Self::Offline | Self::Unavailable)
    }

    /// The value of `<show/>` (RFC 6121 §4.7.2.1); being online needs none.
    pub(crate) fn show(self) -> Option<&'static str> {
        matches!(self, Self::Chat | Self::Away | Self::Dnd | Self::Xa).then(|| self.as_str())
    }

    /// As [`FromStr`], where `busy` is another word for `dnd`.
    pub(crate) fn from_setting(value: &str) -> Result<Self, StatusError> {
        match value {
            "busy" => Ok(Self::Dnd),
            value => value.parse(),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, StatusError> {
        let all = [
            Self::Online,
            Self::Chat,
            Self::Away,
            Self::Dnd,
            Self::Xa,
            Self::Offline,
            Self::Unavailable,
        ];
        all.into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| StatusError::Unknown {
                value: text.to_owned(),
            })
    }
}

impl TryFrom<&str> for Status {
    type Error = StatusError;

    fn try_from(text: &str) -> Result<Self, StatusError> {
        text.parse()
    }
}

impl TryFrom<String> for Status {
    type Error = StatusError;

    fn try_from(text: String) -> Result<Self, StatusError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn only_the_names_of_the_document_are_a_status() {
        for name in [
            "online",
            "chat",
            "away",
            "dnd",
            "xa",
            "offline",
            "unavailable",
        ] {
            assert_eq!(name.parse::<Status>().map(Status::as_str), Ok(name));
        }
        for name in ["busy", "", "Away", "DND", " dnd"] {
            assert!(name.parse::<Status>().is_err(), "{name}");
        }
        assert_eq!(Status::from_setting("busy"), Ok(Status::Dnd));
    }
}
