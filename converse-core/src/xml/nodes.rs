use std::borrow::Cow;

use super::ElementRef;
use super::document::{AttrEntry, Document};

/// What stands directly in an element.
#[derive(Clone, PartialEq, Eq)]
pub enum Node<'a> {
    /// An element.
    Element(ElementRef<'a>),
    /// A run of text, references replaced.
    Text(Cow<'a, str>),
}

/// Names the node; text may be private and is left out.
impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Element(element) => element.fmt(f),
            Self::Text(text) => write!(f, "text ({} bytes)", text.len()),
        }
    }
}

/// An attribute; see [`ElementRef::attrs`].
#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    pub(super) document: &'a Document,
    pub(super) entry: &'a AttrEntry,
}

impl<'a> Attribute<'a> {
    /// The local name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.document.slice(self.entry.local, self.entry.name_end)
    }

    /// The namespace, empty if there is none.
    #[must_use]
    pub fn ns(self) -> &'a str {
        self.document.ns(self.entry.ns)
    }

    /// The value, references replaced and white space normalised (XML 1.0 §3.3.3).
    #[must_use]
    pub fn value(self) -> Cow<'a, str> {
        self.document.attr_value(self.entry)
    }
}

/// Names the attribute; its value may be private and is left out.
impl std::fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attribute")
            .field("name", &self.name())
            .field("ns", &self.ns())
            .finish_non_exhaustive()
    }
}

/// Iterator over the attributes of an element.
#[derive(Clone)]
pub struct Attributes<'a> {
    document: &'a Document,
    entries: std::slice::Iter<'a, AttrEntry>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(element: ElementRef<'a>) -> Self {
        Self {
            document: element.document,
            entries: element.document.attrs(element.node).iter(),
        }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let entry = self.entries.next()?;
        Some(Attribute {
            document: self.document,
            entry,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl std::fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Iterator over what stands directly in an element.
#[derive(Debug, Clone)]
pub struct Nodes<'a> {
    /// The next node, which need not be an element.
    at: ElementRef<'a>,
    end: u32,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(element: ElementRef<'a>) -> Self {
        let entry = element.document.node(element.node);
        Self {
            at: ElementRef {
                document: element.document,
                node: element.node + 1,
            },
            end: entry.next,
        }
    }

    fn step(&mut self) -> Option<ElementRef<'a>> {
        if self.at.node >= self.end {
            return None;
        }
        let found = self.at;
        self.at.node = found.document.node(found.node).next;
        Some(found)
    }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let found = self.step()?;
        Some(if found.is_element() {
            Node::Element(found)
        } else {
            Node::Text(found.document.text(found.node))
        })
    }
}

/// Iterator over the elements directly in an element.
#[derive(Debug, Clone)]
pub struct Children<'a>(Nodes<'a>);

impl<'a> Children<'a> {
    pub(super) fn new(element: ElementRef<'a>) -> Self {
        Self(Nodes::new(element))
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = ElementRef<'a>;

    fn next(&mut self) -> Option<ElementRef<'a>> {
        loop {
            let found = self.0.step()?;
            if found.is_element() {
                return Some(found);
            }
        }
    }
}
