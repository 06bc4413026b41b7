//! Reading and making elements.

use std::sync::Arc;

use jid::Jid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;
use xso::exports::rxml::{Namespace, NcNameStr};

/// The attribute names the server writes.
pub(super) mod name {
    use xso::exports::rxml::{NcNameStr, xml_ncname};

    pub(in super::super) const AFFILIATION: &NcNameStr = xml_ncname!("affiliation");
    pub(in super::super) const BY: &NcNameStr = xml_ncname!("by");
    pub(in super::super) const BYTES: &NcNameStr = xml_ncname!("bytes");
    pub(in super::super) const CATEGORY: &NcNameStr = xml_ncname!("category");
    pub(in super::super) const CODE: &NcNameStr = xml_ncname!("code");
    pub(in super::super) const COMPLETE: &NcNameStr = xml_ncname!("complete");
    pub(in super::super) const DATATYPE: &NcNameStr = xml_ncname!("datatype");
    pub(in super::super) const DEFAULT: &NcNameStr = xml_ncname!("default");
    pub(in super::super) const FEATURE: &NcNameStr = xml_ncname!("feature");
    pub(in super::super) const FROM: &NcNameStr = xml_ncname!("from");
    pub(in super::super) const ID: &NcNameStr = xml_ncname!("id");
    pub(in super::super) const INDEX: &NcNameStr = xml_ncname!("index");
    pub(in super::super) const JID: &NcNameStr = xml_ncname!("jid");
    pub(in super::super) const NAME: &NcNameStr = xml_ncname!("name");
    pub(in super::super) const NICK: &NcNameStr = xml_ncname!("nick");
    pub(in super::super) const NODE: &NcNameStr = xml_ncname!("node");
    pub(in super::super) const QUERYID: &NcNameStr = xml_ncname!("queryid");
    pub(in super::super) const ROLE: &NcNameStr = xml_ncname!("role");
    pub(in super::super) const SECONDS: &NcNameStr = xml_ncname!("seconds");
    pub(in super::super) const STABLE: &NcNameStr = xml_ncname!("stable");
    pub(in super::super) const STAMP: &NcNameStr = xml_ncname!("stamp");
    pub(in super::super) const TIMESTAMP: &NcNameStr = xml_ncname!("timestamp");
    pub(in super::super) const TO: &NcNameStr = xml_ncname!("to");
    pub(in super::super) const TYPE: &NcNameStr = xml_ncname!("type");
    pub(in super::super) const VAR: &NcNameStr = xml_ncname!("var");
}

/// What `minidom` leaves to the caller.
pub(super) trait Dom: Sized {
    /// Sets an attribute.
    fn put(&mut self, name: &'static NcNameStr, value: &str);
    /// The element with an attribute set.
    fn with(self, name: &'static NcNameStr, value: &str) -> Self;
    /// The element with a child appended.
    fn holding(self, child: Element) -> Self;
    /// The element with a text appended.
    fn saying(self, text: &str) -> Self;
    /// Its `type`, if it has one.
    fn kind(&self) -> Option<&str>;
    /// Its `id`, if it has one.
    fn id(&self) -> Option<&str>;
    /// Whether it is a stanza of `jabber:client` of that name.
    fn is_stanza(&self, name: &str) -> bool;
}

impl Dom for Element {
    fn put(&mut self, name: &'static NcNameStr, value: &str) {
        self.attrs_mut()
            .insert(Namespace::NONE, name.to_owned(), value.to_owned());
    }

    fn with(mut self, name: &'static NcNameStr, value: &str) -> Self {
        self.put(name, value);
        self
    }

    fn holding(mut self, child: Element) -> Self {
        self.append_child(child);
        self
    }

    fn saying(mut self, text: &str) -> Self {
        self.append_text(text);
        self
    }

    fn kind(&self) -> Option<&str> {
        self.attr("type")
    }

    fn id(&self) -> Option<&str> {
        self.attr("id")
    }

    fn is_stanza(&self, name: &str) -> bool {
        self.is(name, ns::JABBER_CLIENT)
    }
}

/// An element on its way to one or several sessions, with its approximate size on the wire.
#[derive(Clone)]
pub(super) struct Packet {
    pub(super) element: Arc<Element>,
    pub(super) bytes: usize,
}

impl Packet {
    pub(super) fn new(element: Element) -> Self {
        Self {
            bytes: size(&element),
            element: Arc::new(element),
        }
    }

    /// The same with something about the element changed.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Element)) -> Self {
        let mut element = Element::clone(&self.element);
        change(&mut element);
        Self::new(element)
    }

    /// Whether stream management counts it (XEP-0198 §4).
    pub(super) fn is_stanza(&self) -> bool {
        is_stanza(&self.element)
    }
}

/// Whether an element is a message, presence or iq.
pub(super) fn is_stanza(element: &Element) -> bool {
    element.has_ns(ns::JABBER_CLIENT) && matches!(element.name(), "message" | "presence" | "iq")
}

/// The bytes an element takes at least.
pub(super) fn size(element: &Element) -> usize {
    let attributes: usize = element
        .attrs()
        .iter()
        .map(|((_, name), value)| name.len() + value.len() + 4)
        .sum();
    let text: usize = element.texts().map(str::len).sum();
    2 * element.name().len() + 5 + attributes + text + element.children().map(size).sum::<usize>()
}

/// The answer to an iq request, without a payload (RFC 6120 §8.2.3).
pub(super) fn result(request: &Element) -> Element {
    answer(request, "result")
}

/// Why a stanza is refused: a condition of RFC 6120 §8.3.3, and what the extension in question says more exactly (§8.3.4).
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) condition: DefinedCondition,
    pub(super) detail: Option<Box<Element>>,
}

impl Refusal {
    pub(super) fn new(condition: DefinedCondition, detail: Element) -> Self {
        let detail = Some(Box::new(detail));
        Self { condition, detail }
    }
}

impl From<DefinedCondition> for Refusal {
    fn from(condition: DefinedCondition) -> Self {
        let detail = None;
        Self { condition, detail }
    }
}

/// The error for a stanza (RFC 6120 §8.3), unless it is one that must not be answered with an error.
pub(super) fn error(stanza: &Element, refusal: impl Into<Refusal>) -> Option<Element> {
    match stanza.kind() {
        Some("error" | "result") => None,
        _ => {
            let Refusal { condition, detail } = refusal.into();
            let mut error = Element::bare("error", ns::JABBER_CLIENT)
                .with(name::TYPE, error_type(&condition))
                .holding(Element::from(condition));
            if let Some(detail) = detail {
                error.append_child(*detail);
            }
            Some(answer(stanza, "error").holding(error))
        }
    }
}

/// The error type that goes with a condition (RFC 6120 §8.3.3).
fn error_type(condition: &DefinedCondition) -> &'static str {
    match condition {
        DefinedCondition::BadRequest
        | DefinedCondition::JidMalformed
        | DefinedCondition::NotAcceptable => "modify",
        DefinedCondition::Forbidden
        | DefinedCondition::NotAuthorized
        | DefinedCondition::RegistrationRequired => "auth",
        DefinedCondition::ResourceConstraint | DefinedCondition::RecipientUnavailable => "wait",
        _ => "cancel",
    }
}

fn answer(stanza: &Element, kind: &str) -> Element {
    let mut answer = Element::bare(stanza.name(), ns::JABBER_CLIENT).with(name::TYPE, kind);
    if let Some(id) = stanza.id() {
        answer.put(name::ID, id);
    }
    if let Some(from) = stanza.attr("from") {
        answer.put(name::TO, from);
    }
    if let Some(to) = stanza.attr("to") {
        answer.put(name::FROM, to);
    }
    answer
}

/// A presence stanza from somebody to somebody.
pub(super) fn presence(from: &Jid, to: &Jid, kind: Option<&str>) -> Element {
    let presence = Element::bare("presence", ns::JABBER_CLIENT)
        .with(name::FROM, from.as_str())
        .with(name::TO, to.as_str());
    match kind {
        Some(kind) => presence.with(name::TYPE, kind),
        None => presence,
    }
}
