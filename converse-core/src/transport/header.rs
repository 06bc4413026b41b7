//! The client's stream header (RFC 6120 §4.7).

use crate::ns;
use crate::xml::escape_attr;

/// What the start of a stream says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenHeader {
    /// The domain of the account (§4.7.2).
    pub to: String,
    /// The account's bare address (§4.7.1). Some servers offer SASL2 only to those who say it. A transport leaves it
    /// out where others can read it.
    pub from: Option<String>,
    /// The language for texts of the server (§4.7.4).
    pub lang: Option<String>,
}

impl OpenHeader {
    /// A header to this domain.
    pub fn new(to: impl Into<String>) -> Self {
        Self {
            to: to.into(),
            ..Self::default()
        }
    }

    /// The same header with the account's address.
    #[must_use]
    pub fn from(mut self, from: impl Into<String>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// The same header with a language.
    #[must_use]
    pub fn lang(mut self, lang: impl Into<String>) -> Self {
        self.lang = Some(lang.into());
        self
    }

    /// Writes the start tag.
    pub(super) fn write_to(&self, out: &mut String, with_from: bool) {
        out.push_str("<stream:stream xmlns='");
        out.push_str(ns::CLIENT);
        out.push_str("' xmlns:stream='");
        out.push_str(ns::STREAM);
        out.push('\'');
        let from = self.from.as_deref().filter(|_| with_from);
        let attributes = [
            ("to", Some(self.to.as_str())),
            ("from", from),
            ("version", Some("1.0")),
            ("xml:lang", self.lang.as_deref()),
        ];
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            out.push(' ');
            out.push_str(name);
            out.push_str("='");
            out.push_str(&escape_attr(value));
            out.push('\'');
        }
        out.push('>');
    }
}
