//! What the user shows to everybody who sees him.

use std::fmt;

use converse_macros::Event;
use serde::Serialize;

use crate::ns;
use crate::xml::{Element, ElementBuilder};

/// The user's broadcast presence is another one now, or was sent for the first time in a session (RFC 6121 §4.2, §4.4).
///
/// Who shows the user's presence elsewhere, in rooms for one, repeats it there ([`elements`](Self::elements)). The priority
/// is not in it: it is about the messages of the account only (RFC 6121 §4.7.2.3).
#[derive(Clone, Default, Serialize, Event)]
#[event(name = "ownPresenceSent")]
#[non_exhaustive]
pub struct OwnPresence {
    /// Whether the others see that the user is there. If not, the server has told everybody who knew, rooms too, that this
    /// client is gone (RFC 6121 §4.5.2).
    pub is_available: bool,
    /// The `<show/>` (RFC 6121 §4.7.2.1): `away`, `chat`, `dnd` or `xa`; none if the user is simply there.
    pub show: Option<String>,
    /// The text of the status (RFC 6121 §4.7.2.2).
    pub message: Option<String>,
    /// What plugins added.
    #[serde(skip)]
    payloads: Vec<ElementBuilder>,
}

impl OwnPresence {
    /// The user is there and says nothing more.
    #[must_use]
    pub fn available() -> Self {
        Self {
            is_available: true,
            ..Self::default()
        }
    }

    /// The user is not there for anybody.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::default()
    }

    /// With this `<show/>`.
    #[must_use]
    pub fn with_show(mut self, show: Option<impl Into<String>>) -> Self {
        self.show = show.map(Into::into);
        self
    }

    /// With this text.
    #[must_use]
    pub fn with_message(mut self, message: Option<impl Into<String>>) -> Self {
        self.message = message.map(Into::into);
        self
    }

    /// With what plugins add; see [`PresencePayloads`](super::PresencePayloads).
    #[must_use]
    pub fn with_payloads(mut self, payloads: Vec<ElementBuilder>) -> Self {
        self.payloads = payloads;
        self
    }

    /// What is in the presence, in the order of RFC 6121: the show, the text, and what plugins added.
    ///
    /// ```
    /// use converse_core::contract::OwnPresence;
    ///
    /// let presence = OwnPresence::available().with_show(Some("xa")).with_message(Some("on a walk"));
    /// let names = presence.elements().map(|element| element.name().to_owned());
    /// assert_eq!(names.collect::<Vec<_>>(), ["show", "status"]);
    /// ```
    pub fn elements(&self) -> impl Iterator<Item = ElementBuilder> + '_ {
        let text = |name: &'static str, text: &Option<String>| {
            let text = text.clone()?;
            Some(Element::builder(name, ns::CLIENT).text(text))
        };
        let own = [text("show", &self.show), text("status", &self.message)];
        own.into_iter()
            .flatten()
            .chain(self.payloads.iter().cloned())
    }
}

/// What plugins added may be long, and is left out.
impl fmt::Debug for OwnPresence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnPresence")
            .field("is_available", &self.is_available)
            .field("show", &self.show)
            .finish_non_exhaustive()
    }
}
