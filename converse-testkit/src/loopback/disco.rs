//! What the server and its accounts can do (XEP-0030, XEP-0092).

use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::archive;
use super::dom::{Dom, name};
use super::information::LAST;
use super::state::State;
use super::{carbons, pubsub, vcard};

/// What the server answers to.
const SERVER: [&str; 12] = [
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::PING,
    ns::VERSION,
    ns::TIME,
    LAST,
    ns::CARBONS,
    carbons::RULES,
    ns::BLOCKING,
    ns::VCARD,
    ns::PRIVATE,
    "msgoffline",
];

/// What the server answers to on behalf of an account, apart from what it publishes.
const ACCOUNT: [&str; 4] = [ns::DISCO_INFO, ns::DISCO_ITEMS, LAST, ns::VCARD];

/// The server's own information.
pub(super) fn server(query: &Element) -> Result<Element, DefinedCondition> {
    match query.attr("node") {
        Some(_) => Err(DefinedCondition::ItemNotFound),
        None => Ok(info(
            &[["server", "im", "converse loopback"]],
            SERVER.into_iter(),
        )),
    }
}

impl State {
    /// The items of the server: where its rooms are.
    pub(super) fn server_items(&self, query: &Element) -> Result<Element, DefinedCondition> {
        let item = Element::bare("item", ns::DISCO_ITEMS)
            .with(name::JID, self.rooms.service.as_str())
            .with(name::NAME, "Rooms");
        match query.attr("node") {
            Some(_) => Err(DefinedCondition::ItemNotFound),
            None => Ok(Element::bare("query", ns::DISCO_ITEMS).holding(item)),
        }
    }

    /// The information of an account, or of a node of its (XEP-0030, XEP-0163 §6, XEP-0060 §5.3).
    pub(super) fn account_info(
        &self,
        asker: &BareJid,
        owner: &BareJid,
        query: &Element,
    ) -> Result<Element, DefinedCondition> {
        if let Some(node) = query.attr("node") {
            let nodes = self.readable_nodes(asker, owner);
            if !nodes.iter().any(|name| name == node) {
                return Err(DefinedCondition::ItemNotFound);
            }
            let answer = info(&[["pubsub", "leaf", ""]], [ns::PUBSUB].into_iter());
            return Ok(answer.with(name::NODE, node));
        }
        let conversion = self.config.conversion.then_some(vcard::CONVERSION);
        let archive = archive::features(&self.config.archives).chain([ns::SID]);
        let archive = archive.filter(|_| self.config.archives.accounts);
        let features = ACCOUNT
            .into_iter()
            .chain(pubsub::FEATURES)
            .chain(conversion)
            .chain(archive);
        let identities = [["account", "registered", ""], ["pubsub", "pep", ""]];
        Ok(info(&identities, features))
    }

    /// The nodes of an account that somebody may read (XEP-0163 §6).
    pub(super) fn account_items(
        &self,
        asker: &BareJid,
        owner: &BareJid,
        query: &Element,
    ) -> Result<Element, DefinedCondition> {
        if query.attr("node").is_some() {
            return Err(DefinedCondition::ItemNotFound);
        }
        let nodes = self.readable_nodes(asker, owner).into_iter();
        Ok(
            nodes.fold(Element::bare("query", ns::DISCO_ITEMS), |answer, node| {
                let item = Element::bare("item", ns::DISCO_ITEMS)
                    .with(name::JID, owner.as_str())
                    .with(name::NODE, &node);
                answer.holding(item)
            }),
        )
    }
}

/// The name and version of this software.
pub(super) fn version() -> Element {
    let field = |name: &str, text: &str| Element::bare(name, ns::VERSION).saying(text);
    Element::bare("query", ns::VERSION)
        .holding(field("name", "converse loopback"))
        .holding(field("version", env!("CARGO_PKG_VERSION")))
}

/// An answer with identities (category, type, name) and features.
pub(super) fn info<'a>(
    identities: &[[&str; 3]],
    features: impl Iterator<Item = &'a str>,
) -> Element {
    let mut answer = Element::bare("query", ns::DISCO_INFO);
    for [category, kind, label] in identities {
        let mut identity = Element::bare("identity", ns::DISCO_INFO)
            .with(name::CATEGORY, category)
            .with(name::TYPE, kind);
        if !label.is_empty() {
            identity.put(name::NAME, label);
        }
        answer.append_child(identity);
    }
    for feature in features {
        answer.append_child(Element::bare("feature", ns::DISCO_INFO).with(name::VAR, feature));
    }
    answer
}
