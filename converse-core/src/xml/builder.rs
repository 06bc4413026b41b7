use super::chars::is_ncname;
use std::borrow::Cow;

use super::encode::check;
use super::escape::push_text;
use super::index::Indexer;
use super::scope::Scope;
use super::{Element, ElementRef, Limits, XmlError, write};
use crate::ns;

/// An element in the making.
///
/// Whatever is given to it is escaped; what XML cannot carry at all is refused when the element is
/// built or written.
///
/// ```
/// use converse_core::xml::Element;
///
/// let message = Element::builder("message", "jabber:client")
///     .attr("to", "juliet@capulet.example")
///     .attr_opt("id", None::<String>)
///     .child(Element::builder("body", "jabber:client").text("1 < 2"))
///     .child(Element::builder("active", "http://jabber.org/protocol/chatstates"));
/// let mut out = String::new();
/// message.write_to(&mut out)?;
/// assert_eq!(
///     out,
///     "<message to='juliet@capulet.example'><body>1 &lt; 2</body>\
///      <active xmlns='http://jabber.org/protocol/chatstates'/></message>"
/// );
/// # Ok::<(), converse_core::xml::XmlError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ElementBuilder {
    pub(super) name: Cow<'static, str>,
    pub(super) ns: Cow<'static, str>,
    pub(super) attrs: Vec<Attr>,
    pub(super) children: Vec<Child>,
}

#[derive(Clone)]
pub(super) struct Attr {
    pub(super) ns: Cow<'static, str>,
    pub(super) name: Cow<'static, str>,
    pub(super) value: String,
}

/// What an [`ElementBuilder`] takes as a child: another builder, or an element that was read.
#[derive(Clone)]
#[non_exhaustive]
pub enum Child {
    /// An element in the making.
    Builder(ElementBuilder),
    /// A finished element.
    Element(Element),
    /// Text.
    Text(String),
}

impl ElementBuilder {
    pub(super) fn new(
        name: impl Into<Cow<'static, str>>,
        ns: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name: name.into(),
            ns: ns.into(),
            attrs: Vec::new(),
            children: Vec::new(),
        }
    }

    /// Adds an attribute, or replaces the one of that name.
    pub fn attr(self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.attr_ns(name, "", value)
    }

    /// Adds an attribute if there is a value for it.
    pub fn attr_opt(
        self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<String>>,
    ) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// Adds an attribute in namespace `ns`, or replaces it.
    pub fn attr_ns(
        mut self,
        name: impl Into<Cow<'static, str>>,
        ns: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        let attr = Attr {
            ns: ns.into(),
            name: name.into(),
            value: value.into(),
        };
        let mut present = self.attrs.iter_mut();
        match present.find(|other| other.name == attr.name && other.ns == attr.ns) {
            Some(other) => *other = attr,
            None => self.attrs.push(attr),
        }
        self
    }

    /// Sets the language of the element (`xml:lang`).
    pub fn lang(self, lang: impl Into<String>) -> Self {
        self.attr_ns("lang", ns::XML, lang)
    }

    /// Adds text.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Child::Text(text.into()));
        self
    }

    /// Adds a child.
    pub fn child(mut self, child: impl Into<Child>) -> Self {
        self.children.push(child.into());
        self
    }

    /// Adds a child if there is one.
    pub fn child_opt(self, child: Option<impl Into<Child>>) -> Self {
        match child {
            Some(child) => self.child(child),
            None => self,
        }
    }

    /// Adds children.
    pub fn children<C: Into<Child>>(mut self, children: impl IntoIterator<Item = C>) -> Self {
        self.children.extend(children.into_iter().map(Into::into));
        self
    }

    /// The finished element.
    ///
    /// # Errors
    ///
    /// [`XmlError::InvalidName`] and [`XmlError::IllegalCharacter`] for what XML cannot carry.
    pub fn build(&self) -> Result<Element, XmlError> {
        let mut text = String::with_capacity(256);
        self.write(&mut text, None)?;
        let scope = std::sync::Arc::new(Scope::client());
        let document = Indexer::default().index(&text, &scope, &Limits::UNLIMITED)?;
        Ok(Element::new(document))
    }

    /// Appends the element as it goes onto a client's stream, where `jabber:client` is the default
    /// namespace and need not be declared. On an error `out` is as it was.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn write_to(&self, out: &mut String) -> Result<(), XmlError> {
        let before = out.len();
        let result = self.write(out, Some(ns::CLIENT));
        if result.is_err() {
            out.truncate(before);
        }
        result
    }

    fn write(&self, out: &mut String, inherited: Option<&str>) -> Result<(), XmlError> {
        check_name(&self.name)?;
        check_namespace(&self.ns)?;
        write::start(out, &self.name, &self.ns, inherited);
        let mut prefixes = 0;
        for attr in &self.attrs {
            check_name(&attr.name)?;
            if attr.name == "xmlns" && attr.ns.is_empty() {
                return Err(invalid_name(&attr.name));
            }
            if attr.ns != ns::XML {
                check_namespace(&attr.ns)?;
            }
            check(&attr.value)?;
            write::attr(out, &attr.name, &attr.ns, &attr.value, &mut prefixes);
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return Ok(());
        }
        out.push('>');
        for child in &self.children {
            match child {
                Child::Builder(child) => child.write(out, Some(&self.ns))?,
                Child::Element(child) => write::element(out, child.view(), Some(&self.ns)),
                Child::Text(text) => {
                    check(text)?;
                    push_text(out, text);
                }
            }
        }
        write::end(out, &self.name, &self.ns);
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), XmlError> {
    if is_ncname(name) {
        Ok(())
    } else {
        Err(invalid_name(name))
    }
}

/// Refuses the namespaces that only the prefixes `xml` and `xmlns` may have.
fn check_namespace(name: &str) -> Result<(), XmlError> {
    if name == ns::XML || name == super::namespaces::XMLNS {
        return Err(invalid_name(name));
    }
    check(name)
}

fn invalid_name(name: &str) -> XmlError {
    XmlError::InvalidName {
        name: name.to_owned(),
    }
}

/// Names the element; what is in it may be private and is left out.
impl std::fmt::Debug for ElementBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ElementBuilder(<{} xmlns={:?}>)", self.name, self.ns)
    }
}

/// Names the child; text may be private and is left out.
impl std::fmt::Debug for Child {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Builder(builder) => builder.fmt(f),
            Self::Element(element) => element.fmt(f),
            Self::Text(text) => write!(f, "text ({} bytes)", text.len()),
        }
    }
}

impl From<ElementBuilder> for Child {
    fn from(builder: ElementBuilder) -> Self {
        Self::Builder(builder)
    }
}

impl From<Element> for Child {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

impl From<ElementRef<'_>> for Child {
    fn from(element: ElementRef<'_>) -> Self {
        Self::Element(element.to_element())
    }
}

impl TryFrom<ElementBuilder> for Element {
    type Error = XmlError;

    fn try_from(builder: ElementBuilder) -> Result<Self, XmlError> {
        builder.build()
    }
}
