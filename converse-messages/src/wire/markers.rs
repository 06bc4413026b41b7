//! Displayed markers (XEP-0333).

use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use jid::Jid;

use super::usable;
use crate::model::MessageKind;

/// Asks to be told when a message is displayed (§4.1).
pub fn markable() -> ElementBuilder {
    Element::builder("markable", ns::CHAT_MARKERS)
}

/// Tells that everything up to a message was displayed (§4.2). It has no text, so archives have to be asked to keep it.
pub fn displayed(to: &Jid, kind: MessageKind, id: &str) -> ElementBuilder {
    Element::builder("message", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", kind.as_str())
        .child(Element::builder("displayed", ns::CHAT_MARKERS).attr("id", id))
        .child(Element::builder("store", ns::HINTS))
}

/// The id of the message up to which everything was displayed.
pub fn read(stanza: &Stanza) -> Option<String> {
    let displayed = stanza.child("displayed", ns::CHAT_MARKERS)?;
    usable(displayed.attr("id"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_marker_is_read_as_it_is_written() {
        let to = "otto@heron.example".parse().unwrap();
        let marker = displayed(&to, MessageKind::Chat, "m1").build().unwrap();
        let stanza = Stanza::parse(&marker.to_xml()).unwrap();
        assert_eq!(read(&stanza).as_deref(), Some("m1"));
        let other = "<message><displayed xmlns='urn:xmpp:mds:displayed:0' id='m1'/></message>";
        assert_eq!(read(&Stanza::parse(other).unwrap()), None);
    }
}
