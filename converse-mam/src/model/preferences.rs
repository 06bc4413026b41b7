//! What the server archives (XEP-0441).

use jid::Jid;
use serde::{Deserialize, Serialize};

use crate::error::ArchiveError;

/// Whose messages are archived if nothing else is said about somebody (XEP-0441 §2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArchivingDefault {
    /// Everybody's.
    Always,
    /// Nobody's.
    Never,
    /// Those of contacts.
    Roster,
}

impl ArchivingDefault {
    /// As the protocol and the setting `message_archiving` write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Roster => "roster",
        }
    }
}

impl std::str::FromStr for ArchivingDefault {
    type Err = ArchiveError;

    fn from_str(text: &str) -> Result<Self, ArchiveError> {
        match text {
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            "roster" => Ok(Self::Roster),
            _ => {
                let expected = "always, never or roster";
                Err(ArchiveError::invalid("default", expected, text))
            }
        }
    }
}

/// What the server archives of the account's messages (XEP-0441 §2.1).
///
/// A bare JID stands for all its resources.
///
/// ```
/// use converse_mam::{ArchivingDefault, Preferences};
/// use jid::BareJid;
///
/// let montague: BareJid = "montague@montague.example".parse()?;
/// let preferences = Preferences::new(ArchivingDefault::Roster).never(montague);
/// assert_eq!(preferences.never.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Preferences {
    /// What counts for those who are on neither list.
    pub default: ArchivingDefault,
    /// Whose messages are archived in any case.
    #[serde(default)]
    pub always: Vec<Jid>,
    /// Whose messages are not archived in any case.
    #[serde(default)]
    pub never: Vec<Jid>,
}

impl Preferences {
    /// The same for everybody.
    #[must_use]
    pub fn new(default: ArchivingDefault) -> Self {
        Self {
            default,
            always: Vec::new(),
            never: Vec::new(),
        }
    }

    /// Adds somebody to [`always`](Self::always), and takes them off the other list.
    #[must_use]
    pub fn always(mut self, jid: impl Into<Jid>) -> Self {
        let jid = jid.into();
        put(jid, &mut self.always, &mut self.never);
        self
    }

    /// Adds somebody to [`never`](Self::never), and takes them off the other list.
    #[must_use]
    pub fn never(mut self, jid: impl Into<Jid>) -> Self {
        let jid = jid.into();
        put(jid, &mut self.never, &mut self.always);
        self
    }
}

fn put(jid: Jid, on: &mut Vec<Jid>, off: &mut Vec<Jid>) {
    off.retain(|other| *other != jid);
    if !on.contains(&jid) {
        on.push(jid);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn nobody_is_on_both_lists_nor_twice_on_one() {
        let otto: Jid = "otto@heron.example".parse().unwrap();
        let preferences = Preferences::new(ArchivingDefault::Always)
            .never(otto.clone())
            .always(otto.clone())
            .always(otto.clone());
        assert_eq!(preferences.always, [otto]);
        assert!(preferences.never.is_empty());
    }

    #[test]
    fn the_words_are_those_of_the_protocol() {
        for word in ["always", "never", "roster"] {
            let default: ArchivingDefault = word.parse().unwrap();
            assert_eq!(default.as_str(), word);
            assert_eq!(serde_json::json!(default), word);
        }
        assert!("Always".parse::<ArchivingDefault>().is_err());
    }
}
