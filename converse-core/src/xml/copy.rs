//! Elements as a starting point for others.

use super::{Child, Element, ElementBuilder, ElementRef, Node};

impl Element {
    /// The text of this element as it goes onto a client's stream; see [`write_to`](Self::write_to).
    #[must_use]
    pub fn to_stream_xml(&self) -> String {
        let mut out = String::with_capacity(self.source_len());
        self.write_to(&mut out);
        out
    }
}

/// A builder that begins with everything the element has.
impl From<ElementRef<'_>> for ElementBuilder {
    fn from(element: ElementRef<'_>) -> Self {
        let mut builder = Element::builder(element.name().to_owned(), element.ns().to_owned());
        for attr in element.attrs() {
            builder = builder.attr_ns(attr.name().to_owned(), attr.ns().to_owned(), attr.value());
        }
        builder.children(element.nodes().map(|node| match node {
            Node::Element(child) => Child::Element(child.to_element()),
            Node::Text(text) => Child::Text(text.into_owned()),
        }))
    }
}

impl ElementBuilder {
    /// The local name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace.
    #[must_use]
    pub fn ns(&self) -> &str {
        &self.ns
    }

    /// The value of an attribute without a namespace, as it was set.
    #[must_use]
    pub fn value_of(&self, name: &str) -> Option<&str> {
        let attr = self
            .attrs
            .iter()
            .find(|attr| attr.ns.is_empty() && attr.name == name)?;
        Some(&attr.value)
    }

    /// How many child elements there are, without text.
    #[must_use]
    pub fn child_count(&self) -> usize {
        self.children
            .iter()
            .filter(|child| !matches!(child, Child::Text(_)))
            .count()
    }
}
