//! A stanza on its way out: checked, serialised once, and traceable to whoever sent it.

use std::borrow::Cow;
use std::fmt;

use jid::Jid;

use crate::env::RandomSource;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::{Outcome, SessionNumber, Stanza, StanzaError, StanzaKind};
use crate::xml::{self, Element, ElementBuilder};

/// Told once what has become of the stanza.
type Settled = tokio::sync::oneshot::Sender<Outcome>;

/// A stanza as text, ready for the transport.
pub struct Outgoing {
    kind: StanzaKind,
    id: Option<String>,
    is_request: bool,
    to: Option<Jid>,
    xml: String,
    settled: Option<Settled>,
    /// The only session in which it may go out.
    only_in: Option<SessionNumber>,
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
        let kind = kind_of(root.name(), root.ns())?;
        let type_ = root.attr("type");
        if kind == StanzaKind::Iq {
            check_iq(root.children().count(), type_.as_deref())?;
            if root.attr("id").is_none_or(|id| id.is_empty()) {
                return ElementBuilder::from(root).into_stanza(random);
            }
        }
        Ok(Self {
            kind,
            id: root.attr("id").map(Cow::into_owned),
            is_request: is_request(kind, type_.as_deref()),
            to: root.attr("to").map(|to| address(&to)).transpose()?,
            xml: element.to_stream_xml(),
            settled: None,
            only_in: None,
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

    /// The text that goes over the wire.
    #[must_use]
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// Whether this is an IQ of type `get` or `set`, which somebody must answer.
    #[must_use]
    pub fn is_request(&self) -> bool {
        self.is_request
    }

    /// The result that answers `request`, with its payload; `None` when the request has no id to answer to.
    pub(crate) fn result_for(request: &Stanza, payload: Option<ElementBuilder>) -> Option<Self> {
        let mut iq = Self::answer_to(request, "result")?;
        if let Some(payload) = payload {
            iq = iq.child(payload);
        }
        Self::answer(request, &iq)
    }

    /// The error that answers `request`; `None` when the request has no id to answer to.
    pub(crate) fn error_for(request: &Stanza, error: &StanzaError) -> Option<Self> {
        let iq = Self::answer_to(request, "error")?.child(error.to_element());
        Self::answer(request, &iq)
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

    fn answer(request: &Stanza, iq: &ElementBuilder) -> Option<Self> {
        let mut xml = String::new();
        if let Err(error) = iq.write_to(&mut xml) {
            tracing::error!(%error, "an answer cannot be written as XML");
            return None;
        }
        Some(Self {
            kind: StanzaKind::Iq,
            id: request.id().map(Cow::into_owned),
            is_request: false,
            to: request.from().cloned(),
            xml,
            settled: None,
            only_in: None,
        })
    }

    pub(crate) fn on_settled(&mut self, settled: Settled) {
        self.settled = Some(settled);
    }

    /// Lets it go out in one session only: in no other, and no second time in another.
    pub(crate) fn keep_to(&mut self, session: SessionNumber) {
        self.only_in = Some(session);
    }

    /// The only session in which it may go out, if there is such a one.
    pub(crate) fn only_in(&self) -> Option<SessionNumber> {
        self.only_in
    }

    /// It has left and is not sent again: what it said is not needed any more.
    pub(crate) fn forget_text(&mut self) {
        self.xml = String::new();
    }

    /// Tells the sender, once, how it ended.
    pub(crate) fn settle(&mut self, outcome: Outcome) {
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

fn kind_of(name: &str, ns: &str) -> Result<StanzaKind, Error> {
    let kind = if ns == ns::CLIENT {
        StanzaKind::from_name(name)
    } else {
        None
    };
    kind.ok_or_else(|| {
        invalid(format!(
            "`{}` is not a stanza: send takes a message, a presence or an iq",
            name.escape_debug()
        ))
    })
}

fn is_request(kind: StanzaKind, type_: Option<&str>) -> bool {
    kind == StanzaKind::Iq && matches!(type_, Some("get" | "set"))
}

fn address(text: &str) -> Result<Jid, Error> {
    Jid::new(text).map_err(|error| {
        invalid(format!("`to` is not a JID: `{}`", text.escape_debug())).with_source(error)
    })
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

/// Written once, without being read again.
impl IntoStanza for ElementBuilder {
    fn into_stanza(mut self, random: &dyn RandomSource) -> Result<Outgoing, Error> {
        let kind = kind_of(self.name(), self.ns())?;
        let is_request = is_request(kind, self.value_of("type"));
        if kind == StanzaKind::Iq {
            check_iq(self.child_count(), self.value_of("type"))?;
            if self.value_of("id").is_none_or(str::is_empty) {
                self = self.attr("id", random.stanza_id());
            }
        }
        let to = self.value_of("to").map(address).transpose()?;
        let id = self.value_of("id").map(ToOwned::to_owned);
        let mut xml = String::with_capacity(256);
        self.write_to(&mut xml)?;
        Ok(Outgoing {
            kind,
            id,
            is_request,
            to,
            xml,
            settled: None,
            only_in: None,
        })
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
