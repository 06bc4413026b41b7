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

/// A step of a walk through an element and all that is in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step<'a> {
    Start(ElementRef<'a>),
    Text(ElementRef<'a>),
    End(ElementRef<'a>),
}

/// A walk in document order that needs no stack.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    open: Option<ElementRef<'a>>,
    at: u32,
    root: ElementRef<'a>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: ElementRef<'a>) -> Self {
        Self {
            open: None,
            at: root.node,
            root,
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        if let Some(open) = self.open
            && open.document.node(open.node).next == self.at
        {
            self.open = (open.node != self.root.node)
                .then(|| open.parent())
                .flatten();
            return Some(Step::End(open));
        }
        if self.open.is_none() && self.at != self.root.node {
            return None;
        }
        let found = ElementRef {
            document: self.root.document,
            node: self.at,
        };
        self.at += 1;
        Some(if found.is_element() {
            self.open = Some(found);
            Step::Start(found)
        } else {
            Step::Text(found)
        })
    }
}

/// Whether two elements say the same.
pub(super) fn same(left: ElementRef<'_>, right: ElementRef<'_>) -> bool {
    let mut left = Walk::new(left);
    let mut right = Walk::new(right);
    loop {
        let (left_text, left_step) = take_text(&mut left);
        let (right_text, right_step) = take_text(&mut right);
        if left_text != right_text {
            return false;
        }
        match (left_step, right_step) {
            (None, None) => return true,
            (Some(Step::Start(left)), Some(Step::Start(right))) if same_tag(left, right) => {}
            (Some(Step::End(_)), Some(Step::End(_))) => {}
            _ => return false,
        }
    }
}

/// All text up to the next tag, and that tag.
fn take_text<'a>(walk: &mut Walk<'a>) -> (Cow<'a, str>, Option<Step<'a>>) {
    let mut all = Cow::Borrowed("");
    loop {
        match walk.next() {
            Some(Step::Text(text)) => {
                let run = text.document.text(text.node);
                if all.is_empty() {
                    all = run;
                } else {
                    all.to_mut().push_str(&run);
                }
            }
            step => return (all, step),
        }
    }
}

fn same_tag(left: ElementRef<'_>, right: ElementRef<'_>) -> bool {
    left.is(right.name(), right.ns())
        && left.attrs().count() == right.attrs().count()
        && left
            .attrs()
            .all(|attr| right.attr_ns(attr.name(), attr.ns()) == Some(attr.value()))
}
