//! What clients keep on the server for themselves (XEP-0049).

use std::collections::BTreeMap;

use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, Refusal, size};
use super::state::State;

/// The elements that an account keeps, by namespace and name.
#[derive(Debug, Default)]
pub(super) struct PrivateStorage {
    kept: BTreeMap<(String, String), Element>,
}

impl PrivateStorage {
    fn bytes(&self) -> usize {
        self.kept.values().map(size).sum()
    }
}

impl State {
    /// What is kept in the place that a request names: the element it holds, or an empty one.
    pub(super) fn stored(&self, own: &BareJid, query: &Element) -> Result<Element, Refusal> {
        let mut places = query.children();
        let (Some(place), None) = (places.next(), places.next()) else {
            return Err(DefinedCondition::NotAcceptable.into());
        };
        let account = self.accounts.get(own);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let known = account.private.kept.get(&key(place));
        let empty = || Element::bare(place.name(), place.ns());
        Ok(Element::bare("query", ns::PRIVATE).holding(known.cloned().unwrap_or_else(empty)))
    }

    /// Keeps what a request holds, in the place of what was kept there.
    pub(super) fn keep(&mut self, own: &BareJid, query: &Element) -> Result<(), Refusal> {
        let most = self.config.limits.private_bytes;
        let account = self.accounts.get_mut(own);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let mut namespaces = query.children().map(Element::ns);
        let first = namespaces.next().ok_or(DefinedCondition::NotAcceptable)?;
        if first == ns::PRIVATE || namespaces.any(|other| other != first) {
            return Err(DefinedCondition::NotAcceptable.into());
        }
        let mut changed = PrivateStorage {
            kept: account.private.kept.clone(),
        };
        for element in query.children() {
            changed.kept.insert(key(element), element.clone());
        }
        if changed.bytes() > most {
            return Err(DefinedCondition::ResourceConstraint.into());
        }
        account.private = changed;
        Ok(())
    }
}

fn key(element: &Element) -> (String, String) {
    (element.ns(), element.name().to_owned())
}
