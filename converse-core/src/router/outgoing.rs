//! A stanza on its way out: checked, serialised once, and traceable to whoever sent it.

use std::fmt;

use jid::Jid;

use crate::env::RandomSource;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::{Stanza, StanzaError, StanzaKind};
use crate::xml::{self, Element, ElementBuilder};

/// Told once: the server has the stanza, or why it never will.
type Settled = tokio::sync::oneshot::Sender<Result<(), Error>>;

/// A stanza as text, ready for the transport.
pub struct Outgoing {
    kind: StanzaKind,
    id: Option<String>,
    type_: Option<String>,
    to: Option<Jid>,
    xml: String,
    settled: Option<Settled>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("to", &self.to.as_ref().map(Jid::as_str))
            .finish_non_exhaustive()
    }
}

/// Anything that [`send`](crate::Api::send) takes: an [`Element`], a builder, XML text, or a type of `xmpp-parsers`.
pub trait IntoStanza {
    /// Serialises the stanza; ids that the RFC asks for and that are missing come from `random`.
    ///
    /// # Errors
    ///
    /// When it is not a stanza, an address is not a JID, or a character is not allowed in XML.
    fn into_stanza(self, random: &dyn RandomSource) -> Result<Outgoing, Error>;
}

impl Outgoing {
    /// From an element that already is what goes out.
    ///
    /// # Errors
    ///
    /// When the element is not a stanza or an address is not a JID.
    pub fn new(element: &Element, random: &dyn RandomSource) -> Result<Self, Error> {
        let root = element.view();
        let Some(kind) = StanzaKind::of(root) else {
            return Err(invalid(format!(
                "`{}` is not a stanza: send takes a message, a presence or an iq",
                root.name().escape_debug()
            )));
        };
        let to = match root.attr("to") {
            None => None,
            Some(text) => Some(Jid::new(&text).map_err(|error| {
                invalid(format!("`to` is not a JID: `{}`", text.escape_debug())).with_source(error)
            })?),
        };
        let type_ = root.attr("type").map(|type_| type_.into_owned());
        if kind == StanzaKind::Iq {
            check_iq(root.children().count(), type_.as_deref())?;
        }
        let mut id = root
            .attr("id")
            .map(|id| id.into_owned())
            .filter(|id| !id.is_empty());
        let xml = if kind == StanzaKind::Iq && id.is_none() {
            let fresh = random.stanza_id();
            let xml = ElementBuilder::from(root)
                .attr("id", &fresh)
                .build()?
                .to_stream_xml();
            id = Some(fresh);
            xml
        } else {
            element.to_stream_xml()
        };
        Ok(Self {
            kind,
            id,
            type_,
            to,
            xml,
            settled: None,
        })
    }

    /// Message, presence or IQ.
    #[must_use]
    pub fn kind(&self) -> StanzaKind {
        self.kind
    }

    /// The stanza's id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// For whom it is; `None` is the own account or, for presence, everybody subscribed.
    #[must_use]
    pub fn to(&self) -> Option<&Jid> {
        self.to.as_ref()
    }

    /// The `type` attribute.
    #[must_use]
    pub fn type_(&self) -> Option<&str> {
        self.type_.as_deref()
    }

    /// The text that goes over the wire.
    #[must_use]
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// Whether this is an IQ of type `get` or `set`, which somebody must answer.
    #[must_use]
    pub fn is_request(&self) -> bool {
        self.kind == StanzaKind::Iq && matches!(self.type_.as_deref(), Some("get" | "set"))
    }

    /// The result that answers `request`, with its payload; `None` when the request has no id to answer to.
    pub(crate) fn result_for(request: &Stanza, payload: Option<ElementBuilder>) -> Option<Self> {
        let mut iq = Self::answer_to(request, "result")?;
        if let Some(payload) = payload {
            iq = iq.child(payload);
        }
        Self::answer(request, iq, "result")
    }

    /// The error that answers `request`; `None` when the request has no id to answer to.
    pub(crate) fn error_for(request: &Stanza, error: &StanzaError) -> Option<Self> {
        let iq = Self::answer_to(request, "error")?.child(error.to_element());
        Self::answer(request, iq, "error")
    }

    fn answer_to(request: &Stanza, type_: &str) -> Option<ElementBuilder> {
        let id = request.id()?;
        Some(
            Element::builder("iq", ns::CLIENT)
                .attr("type", type_)
                .attr("id", id.as_ref())
                .attr_opt("to", request.from().map(Jid::as_str)),
        )
    }

    fn answer(request: &Stanza, iq: ElementBuilder, type_: &str) -> Option<Self> {
        let xml = match iq.build() {
            Ok(element) => element.to_stream_xml(),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as XML");
                return None;
            }
        };
        Some(Self {
            kind: StanzaKind::Iq,
            id: request.id().map(|id| id.into_owned()),
            type_: Some(type_.to_owned()),
            to: request.from().cloned(),
            xml,
            settled: None,
        })
    }

    pub(crate) fn on_settled(&mut self, settled: Settled) {
        self.settled = Some(settled);
    }

    /// Tells the sender, once, how it ended.
    pub(crate) fn settle(&mut self, outcome: Result<(), Error>) {
        if let Some(settled) = self.settled.take() {
            // The sender may have stopped caring.
            let _ = settled.send(outcome);
        }
    }

    /// The same stanza marked as sent late (XEP-0203), for messages that a lost session may or may not have delivered.
    pub(crate) fn delayed(mut self, stamp: chrono::DateTime<chrono::Utc>, from: &str) -> Self {
        if self.kind != StanzaKind::Message {
            return self;
        }
        let delay = Element::builder("delay", ns::DELAY)
            .attr("from", from)
            .attr(
                "stamp",
                stamp.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            );
        if let Ok(element) = Element::parse(&self.xml)
            && element.view().child("delay", ns::DELAY).is_none()
            && let Ok(late) = ElementBuilder::from(element.view()).child(delay).build()
        {
            self.xml = late.to_stream_xml();
        }
        self
    }
}

fn check_iq(children: usize, type_: Option<&str>) -> Result<(), Error> {
    match type_ {
        Some("get" | "set") if children == 1 => Ok(()),
        Some("get" | "set") => Err(invalid(
            "an iq of type get or set has exactly one child (RFC 6120 §8.2.3)",
        )),
        Some("result") if children <= 1 => Ok(()),
        Some("error") => Ok(()),
        _ => Err(invalid(
            "the type of an iq is get, set, result or error (RFC 6120 §8.2.3)",
        )),
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("send: {}", message.into()),
    )
}

impl IntoStanza for Outgoing {
    fn into_stanza(self, _: &dyn RandomSource) -> Result<Outgoing, Error> {
        Ok(self)
    }
}

impl IntoStanza for &Element {
    fn into_stanza(self, random: &dyn RandomSource) -> Result<Outgoing, Error> {
        Outgoing::new(self, random)
    }
}

impl IntoStanza for Element {
    fn into_stanza(self, random: &dyn RandomSource) -> Result<Outgoing, Error> {
        Outgoing::new(&self, random)
    }
}

impl IntoStanza for ElementBuilder {
    fn into_stanza(self, random: &dyn RandomSource) -> Result<Outgoing, Error> {
        Outgoing::new(&self.build()?, random)
    }
}

impl IntoStanza for &str {
    fn into_stanza(self, random: &dyn RandomSource) -> Result<Outgoing, Error> {
        Outgoing::new(&Element::parse(self)?, random)
    }
}

macro_rules! typed_stanza {
    ($($type:ty),*) => {$(
        impl IntoStanza for $type {
            fn into_stanza(self, random: &dyn RandomSource) -> Result<Outgoing, Error> {
                Outgoing::new(&Element::parse(&xml::to_xml(&self)?)?, random)
            }
        }
    )*};
}

typed_stanza!(
    tokio_xmpp::Stanza,
    xmpp_parsers::message::Message,
    xmpp_parsers::presence::Presence,
    xmpp_parsers::iq::Iq
);
