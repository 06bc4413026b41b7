//! A received stanza: its element and its parsed header.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jid::Jid;

use crate::ns;
use crate::xml::{Element, ElementRef, XmlError};

mod addresses;

pub use addresses::AddressCache;

/// The three kinds of stanza (RFC 6120 §8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StanzaKind {
    /// Pushes information to another entity.
    Message,
    /// Tells that an entity is there.
    Presence,
    /// Asks and answers.
    Iq,
}

impl StanzaKind {
    /// The element's local name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Presence => "presence",
            Self::Iq => "iq",
        }
    }

    /// The kind of an element of the `jabber:client` namespace.
    #[must_use]
    pub fn of(element: ElementRef<'_>) -> Option<Self> {
        if element.ns() == ns::CLIENT {
            Self::from_name(element.name())
        } else {
            None
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "message" => Some(Self::Message),
            "presence" => Some(Self::Presence),
            "iq" => Some(Self::Iq),
            _ => None,
        }
    }
}

/// A stanza as it came from the wire; cloning it costs one reference count.
///
/// The addresses are parsed once and known to be valid JIDs (RFC 7622); what is inside is read on demand.
#[derive(Clone)]
pub struct Stanza {
    inner: Arc<Inner>,
}

struct Inner {
    element: Element,
    kind: StanzaKind,
    from: Option<Jid>,
    to: Option<Jid>,
}

/// Why an element is not a stanza that can be handled.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum NotAStanza {
    #[error("the element is not a stanza")]
    OtherElement,
    #[error("the `{attribute}` address `{address}` of a {kind} is not a JID")]
    BadAddress {
        kind: &'static str,
        attribute: &'static str,
        /// As much of it as a log shows.
        address: String,
    },
}

impl NotAStanza {
    /// Whether it counts as a stanza for stream management.
    pub(crate) fn is_stanza(&self) -> bool {
        matches!(self, Self::BadAddress { .. })
    }
}

impl Stanza {
    pub(crate) fn new(element: Element, addresses: &mut AddressCache) -> Result<Self, NotAStanza> {
        let root = element.view();
        let kind = StanzaKind::of(root).ok_or(NotAStanza::OtherElement)?;
        let mut address = |name| {
            let Some(text) = root.attr(name) else {
                return Ok(None);
            };
            let comes_once = kind == StanzaKind::Presence && name == "from";
            let jid = if comes_once {
                addresses.get_once(&text)
            } else {
                addresses.get(&text)
            };
            match jid {
                Some(jid) => Ok(Some(jid)),
                None => Err(bad_address(kind, name, &text)),
            }
        };
        let (from, to) = (address("from")?, address("to")?);
        Ok(Self {
            inner: Arc::new(Inner {
                element,
                kind,
                from,
                to,
            }),
        })
    }

    /// Reads a stanza from text, as tests and tools need it.
    ///
    /// # Errors
    ///
    /// When the text is not one well-formed stanza, or an address is not a JID.
    ///
    /// ```
    /// use converse_core::router::Stanza;
    ///
    /// let stanza = Stanza::parse("<message from='romeo@montague.example'><body>But, soft!</body></message>")?;
    /// assert_eq!(stanza.body().as_deref(), Some("But, soft!"));
    /// # Ok::<(), converse_core::Error>(())
    /// ```
    pub fn parse(xml: &str) -> Result<Self, crate::Error> {
        Self::from_element(Element::parse(xml)?)
    }

    /// The stanza that an element is, such as one that was forwarded inside another (XEP-0297). What was forwarded is not to be
    /// believed for that: whoever unwraps it must know who wrapped it.
    ///
    /// # Errors
    ///
    /// When the element is not a message, a presence or an iq of `jabber:client`, or an address is not a JID.
    ///
    /// ```
    /// use converse_core::router::Stanza;
    ///
    /// let outer = Stanza::parse("<message><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='a@b'/></forwarded></message>")?;
    /// let forwarded = outer.child("forwarded", "urn:xmpp:forward:0");
    /// let inner = forwarded.and_then(|forwarded| forwarded.child("message", "jabber:client"));
    /// let inner = inner.map(|inner| Stanza::from_element(inner.to_element())).transpose()?;
    /// assert_eq!(inner.and_then(|inner| inner.from().map(ToString::to_string)).as_deref(), Some("a@b"));
    /// # Ok::<(), converse_core::Error>(())
    /// ```
    pub fn from_element(element: Element) -> Result<Self, crate::Error> {
        Self::from_element_with(element, &mut AddressCache::default())
    }

    /// As [`from_element`](Self::from_element), for many stanzas of the same few people: an address that `addresses` knows is not
    /// parsed again.
    ///
    /// # Errors
    ///
    /// As [`from_element`](Self::from_element).
    pub fn from_element_with(
        element: Element,
        addresses: &mut AddressCache,
    ) -> Result<Self, crate::Error> {
        Self::new(element, addresses).map_err(|error| {
            crate::Error::new(
                crate::ErrorKind::InvalidArgument,
                "the element is not a stanza",
            )
            .with_source(error)
        })
    }

    /// Message, presence or IQ.
    #[must_use]
    pub fn kind(&self) -> StanzaKind {
        self.inner.kind
    }

    /// Who sent it; `None` stands for the own account (RFC 6120 §8.1.2.1).
    #[must_use]
    pub fn from(&self) -> Option<&Jid> {
        self.inner.from.as_ref()
    }

    /// For whom it is.
    #[must_use]
    pub fn to(&self) -> Option<&Jid> {
        self.inner.to.as_ref()
    }

    /// The stanza's id.
    #[must_use]
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.root().attr("id")
    }

    /// The `type` attribute as written.
    #[must_use]
    pub fn type_(&self) -> Option<Cow<'_, str>> {
        self.root().attr("type")
    }

    /// The whole element.
    #[must_use]
    pub fn element(&self) -> &Element {
        &self.inner.element
    }

    /// The stanza's own node, to read attributes and children from.
    #[must_use]
    pub fn root(&self) -> ElementRef<'_> {
        self.inner.element.view()
    }

    /// The first child of that name and namespace.
    #[must_use]
    pub fn child(&self, name: &str, ns: &str) -> Option<ElementRef<'_>> {
        self.root().child(name, ns)
    }

    /// The text of a message's first `<body/>` (RFC 6121 §5.2.3).
    #[must_use]
    pub fn body(&self) -> Option<Cow<'_, str>> {
        self.child("body", ns::CLIENT).map(|body| body.text())
    }

    /// The first child that can be read as a `T`, an `xmpp-parsers` type or one's own.
    ///
    /// `None` when no child is a `T`; a child that looks like one and is malformed is an error.
    ///
    /// # Errors
    ///
    /// When the child has the right name and the wrong content.
    pub fn decode<T: xso::FromXml>(&self, name: &str, ns: &str) -> Option<Result<T, XmlError>> {
        self.child(name, ns).map(|child| child.decode())
    }

    /// The whole stanza as `tokio-xmpp`'s typed stanza; this parses every known child, so it costs far more than reading one.
    ///
    /// # Errors
    ///
    /// When some part of the stanza is malformed.
    pub fn typed(&self) -> Result<tokio_xmpp::Stanza, XmlError> {
        self.root().decode()
    }
}

fn bad_address(kind: StanzaKind, attribute: &'static str, text: &str) -> NotAStanza {
    NotAStanza::BadAddress {
        kind: kind.as_str(),
        attribute,
        address: text
            .chars()
            .take(128)
            .flat_map(char::escape_debug)
            .collect(),
    }
}

impl fmt::Debug for Stanza {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stanza")
            .field("kind", &self.kind())
            .field("from", &self.from().map(Jid::as_str))
            .field("to", &self.to().map(Jid::as_str))
            .field("type", &self.type_())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
