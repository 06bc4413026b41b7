//! `<stream:error/>` (RFC 6120 §4.9).

use std::fmt;

use crate::ns;
use crate::xml::Element;

/// Long enough for a sentence or a host name; no server fills our logs.
const MAX_TEXT: usize = 512;

/// Why the server ended the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamError {
    /// The defined condition, as `host-unknown`; `undefined-condition` if there was none.
    pub condition: String,
    /// What the server says about it.
    pub text: Option<String>,
    /// The host of `<see-other-host/>`, for [`Target::redirected`](super::Target::redirected).
    pub other_host: Option<String>,
}

impl StreamError {
    /// Reads a `<stream:error/>`; `None` if the element is something else.
    ///
    /// ```
    /// use converse_core::transport::StreamError;
    /// use converse_core::xml::Element;
    ///
    /// let element = Element::parse(
    ///     "<error xmlns='http://etherx.jabber.org/streams'>\
    ///        <host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
    ///      </error>",
    /// )?;
    /// let error = StreamError::from_element(&element).expect("a stream error");
    /// assert_eq!(error.condition, "host-unknown");
    /// # Ok::<(), converse_core::xml::XmlError>(())
    /// ```
    #[must_use]
    pub fn from_element(element: &Element) -> Option<Self> {
        if !element.is("error", ns::STREAM) {
            return None;
        }
        let condition = element
            .children()
            .find(|child| child.ns() == ns::STREAM_ERRORS && child.name() != "text");
        let text = element.child("text", ns::STREAM_ERRORS);
        Some(Self {
            condition: condition.map_or_else(
                || "undefined-condition".to_owned(),
                |condition| printable(condition.name()),
            ),
            text: text
                .map(|text| printable(&text.text()))
                .filter(|text| !text.is_empty()),
            other_host: condition
                .filter(|condition| condition.name() == "see-other-host")
                .map(|condition| printable(condition.text().trim())),
        })
    }

    /// Whether connecting again without a change would end the same way, or fight with another client.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(
            self.condition.as_str(),
            "conflict" | "host-gone" | "host-unknown" | "unsupported-version"
        )
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.condition)?;
        match &self.text {
            Some(text) => write!(f, " ({text})"),
            None => Ok(()),
        }
    }
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_TEXT)
        .collect()
}
