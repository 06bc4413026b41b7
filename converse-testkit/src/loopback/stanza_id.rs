//! Ids that the server gives to messages (XEP-0359).

use jid::BareJid;
use xmpp_parsers::minidom::{Element, Node};
use xmpp_parsers::ns;

use super::dom::{Dom, name};

/// Takes the ids away that a message claims to have from somebody who will give it one (XEP-0359 §6).
pub(super) fn strip(message: &mut Element, by: &BareJid) {
    if message.children().any(|child| is_of(child, by)) {
        for node in message.take_nodes() {
            match &node {
                Node::Element(child) if is_of(child, by) => {}
                _ => message.append_node(node),
            }
        }
    }
}

/// Gives a message an id.
pub(super) fn mark(message: &mut Element, by: &BareJid, id: &str) {
    let mark = Element::bare("stanza-id", ns::SID)
        .with(name::BY, by.as_str())
        .with(name::ID, id);
    message.append_child(mark);
}

/// The id that somebody has given to a message.
pub(super) fn given<'a>(message: &'a Element, by: &BareJid) -> Option<&'a str> {
    let mut marks = message.children().filter(|child| is_of(child, by));
    marks.next()?.id()
}

fn is_of(child: &Element, by: &BareJid) -> bool {
    child.is("stanza-id", ns::SID) && child.attr("by") == Some(by.as_str())
}
