//! A report of spam or abuse (XEP-0377).

use serde::{Deserialize, Serialize};

/// Why somebody is reported (XEP-0377 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Reason {
    /// They send what nobody asked for.
    Spam,
    /// Abuse of any other kind.
    Abuse,
}

impl Reason {
    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "urn:xmpp:reporting:spam",
            Self::Abuse => "urn:xmpp:reporting:abuse",
        }
    }
}

/// What the server is told about somebody who is blocked.
///
/// ```
/// use converse_blocking::{Reason, Report};
///
/// let report = Report::spam().text("Never came trouble to my house like this.").message("28482-98726-73623");
/// assert_eq!(report.reason, Reason::Spam);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// Why.
    pub reason: Reason,
    /// What the user says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The messages it is about, by the ids that the own archive gave them (XEP-0359).
    #[serde(default)]
    pub messages: Vec<String>,
    /// Whether the report may go to the server of whom it is about.
    #[serde(default)]
    pub report_origin: bool,
    /// Whether the report may go to third parties that collect such reports.
    #[serde(default)]
    pub third_party: bool,
}

impl Report {
    /// A report for this reason.
    #[must_use]
    pub fn new(reason: Reason) -> Self {
        Self {
            reason,
            text: None,
            messages: Vec::new(),
            report_origin: false,
            third_party: false,
        }
    }

    /// A report of spam.
    #[must_use]
    pub fn spam() -> Self {
        Self::new(Reason::Spam)
    }

    /// A report of abuse.
    #[must_use]
    pub fn abuse() -> Self {
        Self::new(Reason::Abuse)
    }

    /// With an explanation for people.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// With one more message that it is about, by the id that the own archive gave it (XEP-0359).
    #[must_use]
    pub fn message(mut self, stanza_id: impl Into<String>) -> Self {
        self.messages.push(stanza_id.into());
        self
    }

    /// It may go to the server of whom it is about.
    #[must_use]
    pub fn to_origin(mut self) -> Self {
        self.report_origin = true;
        self
    }

    /// It may go to third parties that collect such reports.
    #[must_use]
    pub fn to_third_parties(mut self) -> Self {
        self.third_party = true;
        self
    }
}
