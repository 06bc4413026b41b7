//! What a plugin wants to hear.

use jid::BareJid;

use crate::ns;
use crate::router::sender::{Identity, Origin, Sender};
use crate::router::{Stanza, StanzaKind};
use crate::xml::ElementRef;

/// What a plugin wants to hear.
///
/// ```
/// use converse_core::router::{Route, Sender};
///
/// // Roster pushes, and only from the own account (RFC 6121 §2.1.6).
/// let route = Route::iq_set("jabber:iq:roster").from(Sender::OwnAccount);
/// // Messages that carry a chat state.
/// let route = Route::message().with_child_ns("http://jabber.org/protocol/chatstates");
/// ```
#[derive(Debug, Clone)]
#[must_use = "a route does nothing until it is given a handler"]
pub struct Route {
    pub(crate) kind: StanzaKind,
    /// The `type` attributes heard; empty means all.
    types: Vec<&'static str>,
    child: Option<String>,
    child_ns: Option<String>,
    /// The namespaces of which nothing may be in it.
    without: Vec<String>,
    /// The node that an event is about.
    node: Option<String>,
    sender: Sender,
}

impl Route {
    fn new(kind: StanzaKind) -> Self {
        Self {
            kind,
            types: Vec::new(),
            child: None,
            child_ns: None,
            without: Vec::new(),
            node: None,
            sender: Sender::Anyone,
        }
    }

    /// Every message that is not an error.
    pub fn message() -> Self {
        Self::new(StanzaKind::Message)
    }

    /// Every presence that is not an error.
    pub fn presence() -> Self {
        Self::new(StanzaKind::Presence)
    }

    /// What accounts publish to a node of theirs (XEP-0163): events from the own account and from contacts, and only from
    /// bare addresses. [`from`](Self::from) with [`Sender::OwnAccount`] leaves the contacts out.
    ///
    /// ```
    /// use converse_core::router::{Route, Sender};
    ///
    /// let avatars = Route::pep("urn:xmpp:avatar:metadata");
    /// let bookmarks = Route::pep("urn:xmpp:bookmarks:1").from(Sender::OwnAccount);
    /// ```
    pub fn pep(node: impl Into<String>) -> Self {
        let route = Self::message().with_child("event", ns::PUBSUB_EVENT);
        Self {
            node: Some(node.into()),
            sender: Sender::Contact,
            ..route
        }
    }

    /// Requests of type `get` whose payload is of this namespace. Exactly one plugin answers a namespace.
    pub fn iq_get(ns: impl Into<String>) -> Self {
        Self {
            types: vec!["get"],
            child_ns: Some(ns.into()),
            ..Self::new(StanzaKind::Iq)
        }
    }

    /// Requests of type `set` whose payload is of this namespace. Exactly one plugin answers a namespace.
    pub fn iq_set(ns: impl Into<String>) -> Self {
        Self {
            types: vec!["set"],
            child_ns: Some(ns.into()),
            ..Self::new(StanzaKind::Iq)
        }
    }

    /// Only stanzas of these types (the `type` attribute; a message without one is `normal`, a presence `available`).
    pub fn of_type(mut self, types: impl IntoIterator<Item = &'static str>) -> Self {
        self.types = types.into_iter().collect();
        self
    }

    /// Only stanzas with a child of this name and namespace.
    pub fn with_child(mut self, name: impl Into<String>, ns: impl Into<String>) -> Self {
        self.child = Some(name.into());
        self.child_ns = Some(ns.into());
        self
    }

    /// Only stanzas with a child of this namespace.
    pub fn with_child_ns(mut self, ns: impl Into<String>) -> Self {
        self.child_ns = Some(ns.into());
        self
    }

    /// Only stanzas without a child of this namespace; said again, without one of the others either.
    ///
    /// ```
    /// use converse_core::router::Route;
    ///
    /// // Presence of people, not that of occupants of rooms (XEP-0045 §7.2.2).
    /// let route = Route::presence().without_child_ns("http://jabber.org/protocol/muc#user");
    /// ```
    pub fn without_child_ns(mut self, ns: impl Into<String>) -> Self {
        self.without.push(ns.into());
        self
    }

    /// Only stanzas from these senders; without this, from anyone.
    pub fn from(mut self, sender: Sender) -> Self {
        self.sender = sender;
        self
    }

    /// The namespace whose requests this route answers.
    pub(crate) fn answers(&self) -> Option<(&'static str, &str)> {
        match self.kind {
            StanzaKind::Iq => Some((*self.types.first()?, self.child_ns.as_deref()?)),
            _ => None,
        }
    }

    pub(crate) fn admits(
        &self,
        stanza: &Stanza,
        origin: &Origin<'_>,
        identity: &Identity,
        is_contact: &dyn Fn(&BareJid) -> bool,
    ) -> bool {
        self.wants_type(stanza)
            && self.wants_child(stanza)
            && self.wants_node(stanza)
            && self.sender.admits(origin, identity, is_contact)
    }

    fn wants_type(&self, stanza: &Stanza) -> bool {
        let type_ = stanza.type_();
        let type_ = match (type_.as_deref(), stanza.kind()) {
            (Some(type_), _) => type_,
            (None, StanzaKind::Message) => "normal",
            (None, StanzaKind::Presence) => "available",
            (None, StanzaKind::Iq) => return false,
        };
        if self.types.is_empty() {
            type_ != "error"
        } else {
            self.types.contains(&type_)
        }
    }

    fn wants_child(&self, stanza: &Stanza) -> bool {
        if !self.without.is_empty() {
            let mut children = stanza.root().children();
            if children.any(|child| self.without.iter().any(|ns| child.ns() == ns)) {
                return false;
            }
        }
        match (&self.child, &self.child_ns) {
            (Some(name), ns) => stanza
                .child(name, ns.as_deref().unwrap_or(ns::CLIENT))
                .is_some(),
            (None, Some(ns)) => stanza.root().children().any(|child| child.ns() == ns),
            (None, None) => true,
        }
    }

    /// Whether the event in the stanza is about the node, and from whom it can be.
    fn wants_node(&self, stanza: &Stanza) -> bool {
        let Some(wanted) = &self.node else {
            return true;
        };
        let is_change = |child: &ElementRef<'_>| {
            child.ns() == ns::PUBSUB_EVENT
                && matches!(child.name(), "items" | "purge" | "delete")
                && child.attr("node").is_some()
        };
        let event = stanza.child("event", ns::PUBSUB_EVENT);
        let change = event.and_then(|event| event.children().find(is_change));
        let is_wanted = change.is_some_and(|change| change.attr("node").as_deref() == Some(wanted));
        is_wanted && stanza.from().is_none_or(|from| from.resource().is_none())
    }
}
