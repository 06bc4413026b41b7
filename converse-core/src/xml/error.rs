use std::sync::Arc;

use thiserror::Error;

use crate::{Error, ErrorKind};

/// Why XML could not be read or written. No variant holds what the text said.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum XmlError {
    /// A comment, processing instruction, DTD or entity (RFC 6120 §11.1).
    #[error("{what} are not allowed in XMPP (at byte {offset} of the element)")]
    Restricted {
        /// What was found.
        what: &'static str,
        /// Where, in bytes from the start of the element.
        offset: usize,
    },
    /// The text breaks a rule of XML 1.0 or of Namespaces in XML 1.0.
    #[error("not well-formed: {what} (at byte {offset} of the element)")]
    NotWellFormed {
        /// The rule.
        what: &'static str,
        /// Where, in bytes from the start of the element.
        offset: usize,
    },
    /// A prefix that is not declared, or a declaration that is not allowed.
    #[error("bad namespace prefix: {what} (at byte {offset} of the element)")]
    Prefix {
        /// The rule.
        what: &'static str,
        /// Where, in bytes from the start of the element.
        offset: usize,
    },
    /// The stream or its content is in a namespace that is none of XMPP's (RFC 6120 §4.8).
    #[error("{what} is not in a namespace of XMPP")]
    Namespace {
        /// Whose namespace it is.
        what: &'static str,
    },
    /// The bytes are not UTF-8 (RFC 6120 §11.6).
    #[error("the stream is not valid UTF-8 (at byte {offset} of the element)")]
    InvalidUtf8 {
        /// Where, in bytes from the start of the element.
        offset: usize,
    },
    /// The XML declaration names an encoding other than UTF-8.
    #[error("the stream declares an encoding that is not UTF-8")]
    UnsupportedEncoding,
    /// Text other than white space outside of any stanza.
    #[error("text between two stanzas")]
    StrayText,
    /// More than [`Limits`](super::Limits) allow.
    #[error("more than {limit} {what}; raise the limit if the sender is trusted")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
    /// A character that XML 1.0 cannot carry, in something to be sent.
    #[error("U+{code:04X} cannot be sent: XML has no way to write it")]
    IllegalCharacter {
        /// The code point.
        code: u32,
    },
    /// Something to be sent has an element or attribute name that XML does not allow.
    #[error("`{name}` is not a name that XML allows here")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// The element is not the one that the wanted type reads.
    #[error("element `{name}` in `{ns}` is not what was expected here")]
    Unexpected {
        /// Local name of the element.
        name: String,
        /// Namespace of the element.
        ns: String,
    },
    /// The element has the right name, but its contents do not fit the type.
    #[error("element `{name}` in `{ns}` could not be read")]
    Decode {
        /// Local name of the element.
        name: String,
        /// Namespace of the element.
        ns: String,
        /// What did not fit.
        #[source]
        source: Arc<xso::error::Error>,
    },
    /// A value could not be turned into XML.
    #[error("the value could not be written as XML")]
    Encode {
        /// Why not.
        #[source]
        source: Arc<xso::error::Error>,
    },
}

impl XmlError {
    /// The stream error condition that this calls for (RFC 6120 §4.9.3).
    ///
    /// ```
    /// use converse_core::xml::Element;
    ///
    /// let error = Element::parse("<a><!-- no --></a>").unwrap_err();
    /// assert_eq!(error.condition(), "restricted-xml");
    /// ```
    #[must_use]
    pub fn condition(&self) -> &'static str {
        match self {
            Self::Restricted { .. } => "restricted-xml",
            Self::NotWellFormed { .. }
            | Self::IllegalCharacter { .. }
            | Self::InvalidName { .. }
            | Self::Encode { .. } => "not-well-formed",
            Self::Prefix { .. } => "bad-namespace-prefix",
            Self::Namespace { .. } => "invalid-namespace",
            Self::InvalidUtf8 { .. } | Self::UnsupportedEncoding => "unsupported-encoding",
            Self::StrayText => "bad-format",
            Self::Limit { .. } => "policy-violation",
            Self::Unexpected { .. } | Self::Decode { .. } => "invalid-xml",
        }
    }
}

impl From<XmlError> for Error {
    fn from(error: XmlError) -> Self {
        let kind = match error {
            XmlError::IllegalCharacter { .. }
            | XmlError::InvalidName { .. }
            | XmlError::Encode { .. } => ErrorKind::InvalidArgument,
            XmlError::Unexpected { .. } | XmlError::Decode { .. } => ErrorKind::InvalidResponse,
            _ => ErrorKind::Xml,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
