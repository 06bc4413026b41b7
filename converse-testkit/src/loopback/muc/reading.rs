//! What a room takes of what clients say: nothing that only it may say (XEP-0045 §13.3, XEP-0359 §6, XEP-0421 §4).

use xmpp_parsers::data_forms::DataForm;
use xmpp_parsers::minidom::{Element, Node};
use xmpp_parsers::ns;

use super::super::dom::Dom;

/// A message without forged marks of the room's.
pub(super) fn clean_message(mut message: Element, room: &str) -> Element {
    keep(&mut message, |child| {
        let of_room = |attribute| child.attr(attribute) == Some(room);
        !(child.is("occupant-id", ns::OID)
            || child.is("stanza-id", ns::SID) && of_room("by")
            || child.is("delay", ns::DELAY) && of_room("from")
            || child.is("x", ns::MUC_USER)
            || child.is("x", ns::MUC))
    });
    message
}

/// A presence with what the client says of itself, and nothing else.
pub(super) fn clean_presence(mut presence: Element) -> Element {
    keep(&mut presence, |child| {
        !(child.is("occupant-id", ns::OID) || child.is("x", ns::MUC_USER) || child.is("x", ns::MUC))
    });
    presence.attrs_mut().clear();
    presence
}

fn keep(element: &mut Element, kept: impl Fn(&Element) -> bool) {
    for node in element.take_nodes() {
        match &node {
            Node::Element(child) if !kept(child) => {}
            _ => element.append_node(node),
        }
    }
}

/// The text of `<reason/>`.
pub(super) fn reason(item: &Element) -> Option<String> {
    let reason = item.children().find(|child| child.name() == "reason")?;
    Some(reason.text()).filter(|text| !text.is_empty())
}

/// The data form in an element, if it has one that can be read.
pub(super) fn form(element: &Element) -> Option<DataForm> {
    let form = element.get_child("x", ns::DATA_FORMS)?;
    DataForm::try_from(form.clone()).ok()
}

/// What one field of a form says first.
pub(super) fn answer<'a>(form: &'a DataForm, var: &str) -> Option<&'a str> {
    let mut fields = form.fields.iter();
    let field = fields.find(|field| field.var.as_deref() == Some(var))?;
    field.values.first().map(String::as_str)
}

/// Whether a stanza says that whom it was sent to is not there any more (XEP-0045 §14.1.2).
pub(super) fn says_gone(stanza: &Element) -> bool {
    const GONE: [&str; 6] = [
        "gone",
        "item-not-found",
        "recipient-unavailable",
        "redirect",
        "remote-server-not-found",
        "remote-server-timeout",
    ];
    let error = stanza.get_child("error", ns::JABBER_CLIENT);
    stanza.kind() == Some("error")
        && error.is_some_and(|error| error.children().any(|child| GONE.contains(&child.name())))
}
