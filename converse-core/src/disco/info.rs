//! What others say about themselves (XEP-0030 §3).

use std::collections::BTreeSet;

use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::Stanza;

/// How many identities and features of one entity are read; honest ones have far fewer.
const MAX_ENTRIES: usize = 1_000;

/// What an entity is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Identity {
    /// The category, as `conference` or `client`.
    pub category: String,
    /// The type within the category, as `text` or `pc`.
    pub type_: String,
    /// A name for people.
    pub name: Option<String>,
}

/// The answer to a disco#info request.
///
/// ```
/// use converse_core::disco::Info;
/// use converse_core::router::Stanza;
///
/// let answer = Stanza::parse(
///     "<iq type='result' id='1'><query xmlns='http://jabber.org/protocol/disco#info'>\
///        <identity category='conference' type='text' name='Atrium'/>\
///        <feature var='http://jabber.org/protocol/muc'/></query></iq>",
/// )?;
/// let info = Info::from_answer(&answer)?;
/// assert!(info.has("http://jabber.org/protocol/muc"));
/// assert_eq!(info.name("conference"), Some("Atrium"));
/// # Ok::<(), converse_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// What the entity is; at most 1,000 are read.
    pub identities: Vec<Identity>,
    /// The namespaces of what it can; at most 1,000 are read.
    pub features: BTreeSet<String>,
}

impl Info {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidResponse`] if it has no disco#info in it.
    pub fn from_answer(answer: &Stanza) -> Result<Self, Error> {
        let query = answer.child("query", ns::DISCO_INFO).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidResponse,
                "the answer to a disco#info request has none in it",
            )
        })?;
        let mut info = Self::default();
        for child in query
            .children()
            .filter(|child| child.ns() == ns::DISCO_INFO)
            .take(MAX_ENTRIES)
        {
            let attr = |name| child.attr(name).map(|value| value.into_owned());
            match child.name() {
                "identity" => info.identities.push(Identity {
                    category: attr("category").unwrap_or_default(),
                    type_: attr("type").unwrap_or_default(),
                    name: attr("name").filter(|name| !name.is_empty()),
                }),
                "feature" => info.features.extend(attr("var")),
                _ => {}
            }
        }
        Ok(info)
    }

    /// Whether the entity has a feature.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    /// The name of the first identity of that category.
    #[must_use]
    pub fn name(&self, category: &str) -> Option<&str> {
        let identity = self
            .identities
            .iter()
            .find(|identity| identity.category == category)?;
        identity.name.as_deref()
    }
}
