//! What a protocol of its own says in a stanza error.

use std::collections::BTreeMap;

use crate::ns;
use crate::xml::{Element, ElementBuilder, ElementRef};

/// How many attributes are kept, and of how many bytes.
const MAX_ATTRIBUTES: usize = 8;
const LONGEST: usize = 256;

/// An application-specific condition (RFC 6120 §8.3.2): the name of an element, its namespace, and its attributes.
///
/// ```
/// use converse_core::router::StanzaError;
/// use converse_core::xml::Element;
///
/// let answer = Element::parse(
///     "<iq xmlns='jabber:client' type='error'><error type='wait'>\
///        <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
///        <rate-limit xmlns='urn:xmpp:channel-search:0:error' retry-after='30'/></error></iq>",
/// )?;
/// let error = StanzaError::of(answer.view());
/// let limit = error.application("urn:xmpp:channel-search:0:error").unwrap();
/// assert_eq!((limit.name.as_str(), limit.attribute("retry-after")), ("rate-limit", Some("30")));
/// # Ok::<(), converse_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApplicationCondition {
    /// The element's name.
    pub name: String,
    /// Its namespace.
    pub ns: String,
    /// Its attributes without a namespace, of at most 256 bytes each; at most eight.
    pub attributes: BTreeMap<String, String>,
}

impl ApplicationCondition {
    /// A condition without attributes, to answer with.
    pub fn new(name: impl Into<String>, ns: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ns: ns.into(),
            attributes: BTreeMap::new(),
        }
    }

    /// The same with an attribute.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The first in an `<error/>`.
    pub(super) fn inside(error: ElementRef<'_>) -> Option<Self> {
        let mut children = error.children();
        let element =
            children.find(|child| !matches!(child.ns(), ns::STANZA_ERRORS | ns::CLIENT))?;
        let is_short = |text: &str| text.len() <= LONGEST;
        if !is_short(element.name()) || !is_short(element.ns()) {
            return None;
        }
        let attributes = element
            .attrs()
            .filter(|attribute| attribute.ns().is_empty() && is_short(attribute.name()))
            .map(|attribute| (attribute.name(), attribute.value()))
            .filter(|(_, value)| is_short(value))
            .take(MAX_ATTRIBUTES);
        Some(attributes.fold(
            Self::new(element.name(), element.ns()),
            |condition, (name, value)| condition.with(name, value),
        ))
    }

    /// The element.
    pub(super) fn to_element(&self) -> ElementBuilder {
        let element = Element::builder(self.name.clone(), self.ns.clone());
        let attributes = self.attributes.iter();
        attributes.fold(element, |element, (name, value)| {
            element.attr(name.clone(), value)
        })
    }
}
