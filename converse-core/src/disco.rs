//! What this client tells others about itself, and what they tell about themselves (XEP-0030).
//!
//! The features are those of the plugins that run: each adds its own with [`Features::add`].

mod info;

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use crate::ns;
use crate::router::{Condition, Stanza, StanzaError};
use crate::xml::{Element, ElementBuilder};

pub use info::{Identity, Info};

/// The identity and the features of one instance; clones share them.
///
/// ```
/// use converse_core::disco::Features;
///
/// let features = Features::default();
/// features.add("urn:example:feature");
/// assert!(features.contains("urn:example:feature"));
/// ```
#[derive(Debug, Clone)]
pub struct Features {
    announced: Arc<RwLock<BTreeSet<String>>>,
}

impl Default for Features {
    fn default() -> Self {
        let own = [ns::DISCO_INFO, ns::DISCO_ITEMS, ns::PING].map(ToOwned::to_owned);
        Self {
            announced: Arc::new(RwLock::new(own.into())),
        }
    }
}

impl Features {
    /// Announces a feature by its namespace.
    pub fn add(&self, feature: impl Into<String>) {
        self.announced
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(feature.into());
    }

    /// Announces that this client wants to hear what contacts publish to `node` (XEP-0163 §4.3).
    pub fn notify(&self, node: &str) {
        self.add(format!("{node}+notify"));
    }

    /// Whether a feature is announced.
    #[must_use]
    pub fn contains(&self, feature: &str) -> bool {
        self.announced
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(feature)
    }

    /// All features, sorted.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        self.announced
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    /// Answers a disco request (XEP-0030 §3.1 and §4.1).
    ///
    /// # Errors
    ///
    /// `item-not-found` for a node that this client does not have.
    pub(crate) fn answer(&self, request: &Stanza) -> Result<ElementBuilder, StanzaError> {
        let query = request.root().children().next();
        let node = query.and_then(|query| query.attr("node").map(|node| node.into_owned()));
        if node.is_some_and(|node| !node.is_empty()) {
            return Err(Condition::ItemNotFound.into());
        }
        if query.is_some_and(|query| query.ns() == ns::DISCO_ITEMS) {
            return Ok(Element::builder("query", ns::DISCO_ITEMS));
        }
        let identity = Element::builder("identity", ns::DISCO_INFO)
            .attr("category", "client")
            .attr("type", "pc")
            .attr("name", "converse");
        let info = Element::builder("query", ns::DISCO_INFO).child(identity);
        Ok(self.list().into_iter().fold(info, |info, feature| {
            info.child(Element::builder("feature", ns::DISCO_INFO).attr("var", feature))
        }))
    }
}
