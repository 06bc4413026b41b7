//! What plugins add to the user's own presence.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use converse_macros::Event;
use serde::Serialize;

use crate::xml::ElementBuilder;

type Make = Arc<dyn Fn() -> Option<ElementBuilder> + Send + Sync>;

/// What an element in the user's own presence says has changed: presence is to be sent again.
///
/// [`PresencePayloads::elements`] gives the new elements. Whoever sends presence hears this; while no presence is out,
/// there is nothing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Event)]
#[event(name = "presencePayloadChanged")]
#[non_exhaustive]
pub struct PresencePayloadChanged {
    /// The name under which the element was added.
    pub name: String,
}

impl PresencePayloadChanged {
    /// The element that was added under `name` says something else now.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

/// The elements that plugins add to each presence that the user broadcasts (RFC 6121 §4.2): capabilities (XEP-0115), the
/// hash of the avatar (XEP-0153), the time of the last activity (XEP-0319) and the like.
///
/// Each plugin adds its own under a name; whoever writes presence asks for [all of them](Self::elements). Clones share
/// the list. It belongs to one instance: `api.presence_payloads()`.
///
/// ```
/// use converse_core::contract::PresencePayloads;
/// use converse_core::xml::Element;
///
/// let payloads = PresencePayloads::default();
/// payloads.add("nick", || {
///     Some(Element::builder("nick", "http://jabber.org/protocol/nick").text("Romeo"))
/// });
/// payloads.add("nothing yet", || None);
/// assert_eq!(payloads.elements().len(), 1);
/// payloads.remove("nick");
/// assert!(payloads.elements().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct PresencePayloads {
    makers: Arc<RwLock<Vec<(String, Make)>>>,
}

impl PresencePayloads {
    /// Adds what `make` gives to each presence from the next one on, in place of what was added under this name before.
    ///
    /// `make` is asked for each presence that is written; it must be quick, and must not add or remove payloads. Publish
    /// [`PresencePayloadChanged`] when it would say something else than in the presence that is out.
    pub fn add(
        &self,
        name: impl Into<String>,
        make: impl Fn() -> Option<ElementBuilder> + Send + Sync + 'static,
    ) {
        let (name, make): (String, Make) = (name.into(), Arc::new(make));
        let mut makers = self.makers.write().unwrap_or_else(PoisonError::into_inner);
        match makers.iter_mut().find(|(known, _)| *known == name) {
            Some(maker) => maker.1 = make,
            None => makers.push((name, make)),
        }
    }

    /// Adds nothing any more under this name.
    pub fn remove(&self, name: &str) {
        let mut makers = self.makers.write().unwrap_or_else(PoisonError::into_inner);
        makers.retain(|(known, _)| known != name);
    }

    /// The elements for a presence that is written now, in the order in which they were added.
    #[must_use]
    pub fn elements(&self) -> Vec<ElementBuilder> {
        let makers = self.makers.read().unwrap_or_else(PoisonError::into_inner);
        makers.iter().filter_map(|(_, make)| make()).collect()
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        let mut makers = self.makers.write().unwrap_or_else(PoisonError::into_inner);
        makers.clear();
    }
}

impl fmt::Debug for PresencePayloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let makers = self.makers.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_list()
            .entries(makers.iter().map(|(name, _)| name))
            .finish()
    }
}
