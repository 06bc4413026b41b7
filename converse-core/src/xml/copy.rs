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
        let mut builder = Element::builder(element.name(), element.ns());
        for attr in element.attrs() {
            builder = builder.attr_ns(attr.name(), attr.ns(), attr.value());
        }
        builder.children(element.nodes().map(|node| match node {
            Node::Element(child) => Child::Element(child.to_element()),
            Node::Text(text) => Child::Text(text.into_owned()),
        }))
    }
}
