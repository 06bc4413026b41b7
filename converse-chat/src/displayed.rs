//! What was displayed with any of the account's clients (XEP-0490): what is published and read, and nothing else.

use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::BareJid;

use converse_messages::wire::usable;

/// Everything up to the message that the own server knows by this id was displayed (§4.1).
pub(crate) fn payload(own: &BareJid, stanza_id: &str) -> ElementBuilder {
    Element::builder("displayed", ns::MDS_DISPLAYED).child(
        Element::builder("stanza-id", ns::SID)
            .attr("by", own.as_str())
            .attr("id", stanza_id),
    )
}

/// The stanza id in an item's payload; one that somebody else gave says nothing about a chat with one person (§4.2).
pub(crate) fn read(payload: ElementRef<'_>, own: &BareJid) -> Option<String> {
    if !payload.is("displayed", ns::MDS_DISPLAYED) {
        return None;
    }
    let mut ids = payload.children_named("stanza-id", ns::SID);
    let stanza_id = ids.next()?;
    let by: BareJid = stanza_id.attr("by")?.parse().ok()?;
    if by != *own || ids.next().is_some() {
        return None;
    }
    usable(stanza_id.attr("id"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn only_ids_of_the_own_server_are_read() {
        let own = "mara@kestrel.example".parse().unwrap();
        let other = "mara@mallard.example".parse().unwrap();
        let written = payload(&own, "s1").build().unwrap();
        assert_eq!(read(written.view(), &own).as_deref(), Some("s1"));
        assert_eq!(read(written.view(), &other), None);
        for xml in [
            "<displayed xmlns='urn:xmpp:mds:displayed:0'/>",
            "<displayed xmlns='urn:xmpp:chat-markers:0'><stanza-id xmlns='urn:xmpp:sid:0' by='mara@kestrel.example' id='s1'/></displayed>",
            "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' id='s1'/></displayed>",
            "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='mara@kestrel.example'/></displayed>",
        ] {
            let element = Element::parse(xml).unwrap();
            assert_eq!(read(element.view(), &own), None, "{xml}");
        }
    }
}
