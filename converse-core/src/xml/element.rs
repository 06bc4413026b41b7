use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::builder::ElementBuilder;
use super::chars::is_space;
use super::document::Document;
use super::index::Indexer;
use super::nodes::{Attributes, Children, Nodes};
use super::scope::Scope;
use super::{ElementRef, Limits, XmlError};

/// One XML element: its text, checked and indexed, shared by all its clones.
///
/// Reading goes through the same methods as on [`ElementRef`], which is what its children are.
///
/// ```
/// use converse_core::xml::Element;
///
/// let roster = Element::parse(
///     "<query xmlns='jabber:iq:roster'><item jid='a@x'/><item jid='b@x'/></query>",
/// )?;
/// let jids: Vec<_> = roster.children().filter_map(|item| item.attr("jid")).collect();
/// assert_eq!(jids, ["a@x", "b@x"]);
/// # Ok::<(), converse_core::xml::XmlError>(())
/// ```
#[derive(Clone)]
pub struct Element {
    pub(super) document: Arc<Document>,
    pub(super) node: u32,
}

impl Element {
    /// Reads one element; its namespace is `jabber:client` unless it declares another. White space
    /// around it is ignored. The default [`Limits`] hold.
    ///
    /// # Errors
    ///
    /// [`XmlError`] if `text` is not one well-formed element, or more than the limits allow.
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        Self::parse_with(text, &Limits::default())
    }

    /// As [`parse`](Self::parse), with other limits.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, limits: &Limits) -> Result<Self, XmlError> {
        let text = text.trim_matches(|c: char| c.is_ascii() && is_space(c as u8));
        let scope = Arc::new(Scope::client());
        let document = Indexer::default().index(text, &scope, limits)?;
        Ok(Self::new(document))
    }

    /// The element that `value` is written as.
    ///
    /// ```
    /// use converse_core::xml::Element;
    /// use xmpp_parsers::ping::Ping;
    ///
    /// assert!(Element::encode(&Ping)?.is("ping", "urn:xmpp:ping"));
    /// # Ok::<(), converse_core::xml::XmlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`to_xml`](super::to_xml).
    pub fn encode<T: xso::AsXml>(value: &T) -> Result<Self, XmlError> {
        Self::parse_with(&super::to_xml(value)?, &Limits::UNLIMITED)
    }

    pub(super) fn new(document: Document) -> Self {
        Self {
            document: Arc::new(document),
            node: 0,
        }
    }

    /// Starts a new element `name` in namespace `ns`.
    pub fn builder(
        name: impl Into<Cow<'static, str>>,
        ns: impl Into<Cow<'static, str>>,
    ) -> ElementBuilder {
        ElementBuilder::new(name, ns)
    }

    /// A borrowed view of this element.
    #[must_use]
    pub fn view(&self) -> ElementRef<'_> {
        ElementRef {
            document: &self.document,
            node: self.node,
        }
    }

    /// The local name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.view().name()
    }

    /// The namespace, empty if there is none.
    #[must_use]
    pub fn ns(&self) -> &str {
        self.view().ns()
    }

    /// Whether this is the element `name` of namespace `ns`.
    #[must_use]
    pub fn is(&self, name: &str, ns: &str) -> bool {
        self.view().is(name, ns)
    }

    /// The value of the attribute `name` that is in no namespace.
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<Cow<'_, str>> {
        self.view().attr(name)
    }

    /// The value of the attribute `name` in namespace `ns`.
    #[must_use]
    pub fn attr_ns(&self, name: &str, ns: &str) -> Option<Cow<'_, str>> {
        self.view().attr_ns(name, ns)
    }

    /// All attributes in document order; namespace declarations are none.
    #[must_use]
    pub fn attrs(&self) -> Attributes<'_> {
        self.view().attrs()
    }

    /// The elements directly inside, in document order.
    #[must_use]
    pub fn children(&self) -> Children<'_> {
        self.view().children()
    }

    /// The first element directly inside that is `name` in namespace `ns`.
    #[must_use]
    pub fn child(&self, name: &str, ns: &str) -> Option<ElementRef<'_>> {
        self.view().child(name, ns)
    }

    /// The text of the first element directly inside that is `name` in namespace `ns`.
    #[must_use]
    pub fn child_text(&self, name: &str, ns: &str) -> Option<Cow<'_, str>> {
        self.view().child_text(name, ns)
    }

    /// All elements directly inside that are `name` in namespace `ns`.
    pub fn children_named<'a, 'n>(
        &'a self,
        name: &'n str,
        ns: &'n str,
    ) -> impl Iterator<Item = ElementRef<'a>> + use<'a, 'n> {
        self.view().children_named(name, ns)
    }

    /// Elements and runs of text directly inside; see [`ElementRef::nodes`].
    #[must_use]
    pub fn nodes(&self) -> Nodes<'_> {
        self.view().nodes()
    }

    /// The text directly inside, all runs of it joined.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        self.view().text()
    }

    /// The language in force here; see [`ElementRef::lang`].
    #[must_use]
    pub fn lang(&self) -> Option<Cow<'_, str>> {
        self.view().lang()
    }

    /// Self-contained text of this element; see [`ElementRef::to_xml`].
    #[must_use]
    pub fn to_xml(&self) -> String {
        self.view().to_xml()
    }

    /// Appends this element as it goes onto a client's stream; see [`ElementRef::write_to`].
    pub fn write_to(&self, out: &mut String) {
        self.view().write_to(out);
    }

    /// The value of type `T` that this element stands for; see [`ElementRef::decode`].
    ///
    /// ```
    /// use converse_core::xml::Element;
    /// use xmpp_parsers::delay::Delay;
    ///
    /// let delay = Element::parse("<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>")?;
    /// assert!(delay.decode::<Delay>().is_ok());
    /// # Ok::<(), converse_core::xml::XmlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ElementRef::decode`].
    pub fn decode<T: xso::FromXml>(&self) -> Result<T, XmlError> {
        self.view().decode()
    }

    /// Bytes of this element as it arrived.
    #[must_use]
    pub fn source_len(&self) -> usize {
        self.view().source_len()
    }
}

/// Names the element; what is in it may be private and is left out.
impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

/// Two elements are equal when they say the same; see [`ElementRef`].
impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl Eq for Element {}

impl std::str::FromStr for Element {
    type Err = XmlError;

    fn from_str(text: &str) -> Result<Self, XmlError> {
        Self::parse(text)
    }
}
