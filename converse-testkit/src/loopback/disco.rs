//! What the server and its accounts can do (XEP-0030, XEP-0092).

use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, name};

/// What the server answers to.
const SERVER: [&str; 6] = [
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::PING,
    ns::VERSION,
    ns::CARBONS,
    "msgoffline",
];

/// What the server answers to on behalf of an account.
const ACCOUNT: [&str; 2] = [ns::DISCO_INFO, ns::DISCO_ITEMS];

/// The server's own information.
pub(super) fn server(query: &Element) -> Result<Element, DefinedCondition> {
    info(query, ["server", "im"], "converse loopback", &SERVER)
}

/// The information of an account.
pub(super) fn account(query: &Element) -> Result<Element, DefinedCondition> {
    info(query, ["account", "registered"], "", &ACCOUNT)
}

/// The items of the server or of an account: there are none.
pub(super) fn items(query: &Element) -> Result<Element, DefinedCondition> {
    no_node(query)?;
    Ok(Element::bare("query", ns::DISCO_ITEMS))
}

/// The name and version of this software.
pub(super) fn version() -> Element {
    let field = |name: &str, text: &str| {
        let mut field = Element::bare(name, ns::VERSION);
        field.append_text(text);
        field
    };
    Element::bare("query", ns::VERSION)
        .holding(field("name", "converse loopback"))
        .holding(field("version", env!("CARGO_PKG_VERSION")))
}

fn info(
    query: &Element,
    [category, kind]: [&str; 2],
    label: &str,
    features: &[&str],
) -> Result<Element, DefinedCondition> {
    no_node(query)?;
    let mut identity = Element::bare("identity", ns::DISCO_INFO)
        .with(name::CATEGORY, category)
        .with(name::TYPE, kind);
    if !label.is_empty() {
        identity.put(name::NAME, label);
    }
    let mut answer = Element::bare("query", ns::DISCO_INFO).holding(identity);
    for feature in features {
        answer.append_child(Element::bare("feature", ns::DISCO_INFO).with(name::VAR, feature));
    }
    Ok(answer)
}

fn no_node(query: &Element) -> Result<(), DefinedCondition> {
    match query.attr("node") {
        Some(_) => Err(DefinedCondition::ItemNotFound),
        None => Ok(()),
    }
}
