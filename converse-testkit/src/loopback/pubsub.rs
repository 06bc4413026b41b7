//! Personal eventing: every account is a publish-subscribe service (XEP-0060, XEP-0163).
//!
//! Who sees an account's presence and says so with `+notify` in its capabilities ([`caps`](super::caps)) hears of what the
//! account publishes, and of the last item of each node when it arrives. Explicit subscriptions are not offered.

mod config;
mod node;
mod notifications;
mod owner;
mod requests;

use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, Refusal, name};

pub(super) use node::Nodes;

/// What an account says about its publish-subscribe service (XEP-0060 §10, XEP-0163 §6).
pub(super) const FEATURES: [&str; 22] = [
    ns::PUBSUB,
    "http://jabber.org/protocol/pubsub#access-open",
    "http://jabber.org/protocol/pubsub#access-presence",
    "http://jabber.org/protocol/pubsub#access-whitelist",
    "http://jabber.org/protocol/pubsub#auto-create",
    "http://jabber.org/protocol/pubsub#auto-subscribe",
    "http://jabber.org/protocol/pubsub#config-node",
    "http://jabber.org/protocol/pubsub#config-node-max",
    "http://jabber.org/protocol/pubsub#create-and-configure",
    "http://jabber.org/protocol/pubsub#create-nodes",
    "http://jabber.org/protocol/pubsub#delete-items",
    "http://jabber.org/protocol/pubsub#delete-nodes",
    "http://jabber.org/protocol/pubsub#filtered-notifications",
    "http://jabber.org/protocol/pubsub#item-ids",
    "http://jabber.org/protocol/pubsub#last-published",
    "http://jabber.org/protocol/pubsub#multi-items",
    "http://jabber.org/protocol/pubsub#persistent-items",
    "http://jabber.org/protocol/pubsub#presence-notifications",
    "http://jabber.org/protocol/pubsub#publish",
    "http://jabber.org/protocol/pubsub#publish-options",
    "http://jabber.org/protocol/pubsub#purge-nodes",
    "http://jabber.org/protocol/pubsub#retrieve-items",
];

/// The longest name of a node or of an item, in bytes.
const LONGEST_NAME: usize = 1024;

/// A refusal with a condition of publish-subscribe's own (XEP-0060 §15.3).
fn refusal(condition: DefinedCondition, detail: &str) -> Refusal {
    Refusal::new(condition, Element::bare(detail, ns::PUBSUB_ERRORS))
}

/// The refusal of what this server does not do.
fn unsupported(feature: &str) -> Refusal {
    let detail = Element::bare("unsupported", ns::PUBSUB_ERRORS).with(name::FEATURE, feature);
    Refusal::new(DefinedCondition::FeatureNotImplemented, detail)
}

/// The node a request names.
fn node_name(request: &Element) -> Result<&str, Refusal> {
    match request.attr("node") {
        Some(node) if !node.is_empty() && node.len() <= LONGEST_NAME => Ok(node),
        _ => Err(refusal(DefinedCondition::BadRequest, "nodeid-required")),
    }
}

/// The id of an item, if it has one that is of a reasonable length.
fn item_id(item: &Element) -> Result<Option<&str>, Refusal> {
    match item.attr("id").filter(|id| !id.is_empty()) {
        Some(id) if id.len() > LONGEST_NAME => Err(DefinedCondition::NotAcceptable.into()),
        id => Ok(id),
    }
}
