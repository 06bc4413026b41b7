use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::decode;
use super::document::{Document, Kind};
use super::nodes::{Attributes, Children, Node, Nodes};
use super::scope::NsId;
use super::write;
use super::{Element, XmlError};
use crate::ns;

/// A borrowed view of one element of an [`Element`]; cheap to copy.
///
/// Names, namespaces and text are borrowed from the element, except where references or ends of
/// line in it have to be replaced.
#[derive(Clone, Copy)]
pub struct ElementRef<'a> {
    pub(super) document: &'a Arc<Document>,
    pub(super) node: u32,
}

impl<'a> ElementRef<'a> {
    /// The local name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.document.name(self.node)
    }

    /// The namespace, empty if there is none.
    #[must_use]
    pub fn ns(self) -> &'a str {
        self.document.ns(self.document.node(self.node).ns)
    }

    /// Whether this is the element `name` of namespace `ns`.
    #[must_use]
    pub fn is(self, name: &str, ns: &str) -> bool {
        self.name() == name && self.ns() == ns
    }

    /// The value of the attribute `name` that is in no namespace.
    #[must_use]
    pub fn attr(self, name: &str) -> Option<Cow<'a, str>> {
        let document: &'a Document = self.document;
        let attr = document.attrs(self.node).iter().find(|attr| {
            attr.ns == NsId::NONE && document.slice(attr.local, attr.name_end) == name
        })?;
        Some(document.attr_value(attr))
    }

    /// The value of the attribute `name` in namespace `ns`.
    #[must_use]
    pub fn attr_ns(self, name: &str, ns: &str) -> Option<Cow<'a, str>> {
        let document: &'a Document = self.document;
        let attr = document.attrs(self.node).iter().find(|attr| {
            document.slice(attr.local, attr.name_end) == name && document.ns(attr.ns) == ns
        })?;
        Some(document.attr_value(attr))
    }

    /// All attributes in document order; namespace declarations are none.
    #[must_use]
    pub fn attrs(self) -> Attributes<'a> {
        Attributes::new(self)
    }

    /// The elements directly inside, in document order.
    #[must_use]
    pub fn children(self) -> Children<'a> {
        Children::new(self)
    }

    /// The first element directly inside that is `name` in namespace `ns`.
    #[must_use]
    pub fn child(self, name: &str, ns: &str) -> Option<Self> {
        self.children().find(|child| child.is(name, ns))
    }

    /// The text of the first element directly inside that is `name` in namespace `ns`.
    #[must_use]
    pub fn child_text(self, name: &str, ns: &str) -> Option<Cow<'a, str>> {
        Some(self.child(name, ns)?.text())
    }

    /// All elements directly inside that are `name` in namespace `ns`.
    pub fn children_named<'n>(
        self,
        name: &'n str,
        ns: &'n str,
    ) -> impl Iterator<Item = ElementRef<'a>> + use<'a, 'n> {
        self.children().filter(move |child| child.is(name, ns))
    }

    /// Elements and runs of text directly inside, in document order. Text that is partly in a CDATA
    /// section comes in several runs.
    #[must_use]
    pub fn nodes(self) -> Nodes<'a> {
        Nodes::new(self)
    }

    /// The text directly inside, all runs of it joined.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        let mut runs = self.nodes().filter_map(|node| match node {
            Node::Text(text) => Some(text),
            Node::Element(_) => None,
        });
        let Some(mut all) = runs.next() else {
            return Cow::Borrowed("");
        };
        for run in runs {
            all.to_mut().push_str(&run);
        }
        all
    }

    /// The language in force here: the nearest `xml:lang` of this element and those around it, at
    /// last that of the stream header (XML 1.0 §2.12). An empty one means none.
    #[must_use]
    pub fn lang(self) -> Option<Cow<'a, str>> {
        let mut at = self;
        let declared = loop {
            if let Some(lang) = at.attr_ns("lang", ns::XML) {
                break Some(lang);
            }
            match at.parent() {
                Some(parent) => at = parent,
                None => break self.document.scope.lang.as_deref().map(Cow::Borrowed),
            }
        };
        declared.filter(|lang| !lang.is_empty())
    }

    /// Self-contained text of this element: it declares each namespace that it needs, so that it
    /// means the same wherever it is put.
    ///
    /// ```
    /// use converse_core::xml::Element;
    ///
    /// let message = Element::parse("<message><body>Hi</body></message>")?;
    /// assert_eq!(message.to_xml(), "<message xmlns='jabber:client'><body>Hi</body></message>");
    /// # Ok::<(), converse_core::xml::XmlError>(())
    /// ```
    #[must_use]
    pub fn to_xml(self) -> String {
        let mut out = String::with_capacity(self.source_len() + 64);
        write::element(&mut out, self, None);
        out
    }

    /// Appends this element as it goes onto a client's stream, where `jabber:client` is the default
    /// namespace and need not be declared.
    pub fn write_to(self, out: &mut String) {
        write::element(out, self, Some(ns::CLIENT));
    }

    /// The value of type `T` that this element stands for.
    ///
    /// Only this element and what is in it is read: one that is malformed does not affect others.
    ///
    /// # Errors
    ///
    /// [`XmlError::Unexpected`] if `T` is read from another element, [`XmlError::Decode`] if its
    /// contents do not fit.
    pub fn decode<T: xso::FromXml>(self) -> Result<T, XmlError> {
        decode::decode(self)
    }

    /// This element as a value of its own, which shares the text of the whole stanza.
    #[must_use]
    pub fn to_element(self) -> Element {
        Element {
            document: Arc::clone(self.document),
            node: self.node,
        }
    }

    /// The element around this one, unless it is the outermost of its text.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let parent = self.document.node(self.node).parent;
        (self.node != 0).then_some(Self {
            document: self.document,
            node: parent,
        })
    }

    /// Bytes of this element as it arrived.
    #[must_use]
    pub fn source_len(self) -> usize {
        let entry = self.document.node(self.node);
        (entry.end - entry.start) as usize
    }

    pub(super) fn is_element(self) -> bool {
        self.document.node(self.node).kind == Kind::Element
    }
}

/// Names the element; what is in it may be private and is left out.
impl fmt::Debug for ElementRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, ns, length) = (self.name(), self.ns(), self.source_len());
        write!(f, "<{name} xmlns={ns:?}> ({length} bytes)")
    }
}

/// Two elements are equal when they say the same: prefixes, the order of attributes, quotes and ways
/// of escaping do not matter.
impl PartialEq for ElementRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        super::walk::same(*self, *other)
    }
}

impl Eq for ElementRef<'_> {}

impl<'a> From<&'a Element> for ElementRef<'a> {
    fn from(element: &'a Element) -> Self {
        element.view()
    }
}
