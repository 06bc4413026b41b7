//! Requests to those who run a room, and what they are answered.

use converse_core::forms::{Form, FormKind};
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use jid::BareJid;

use super::{ManagingError, RoomConfiguration};

/// The requests of owners (XEP-0045 §10).
pub(crate) const OWNER: &str = "http://jabber.org/protocol/muc#owner";
/// The requests of moderators and admins (XEP-0045 §8, §9).
pub(crate) const ADMIN: &str = "http://jabber.org/protocol/muc#admin";

pub(super) fn iq(room: &BareJid, type_: &str, query: ElementBuilder) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", type_)
        .attr("to", room.as_str())
        .child(query)
}

/// Asks for the configuration form (XEP-0045 §10.2).
pub(crate) fn ask_configuration(room: &BareJid) -> ElementBuilder {
    iq(room, "get", Element::builder("query", OWNER))
}

/// Sends a form to the owner's side of a room.
pub(crate) fn configure(room: &BareJid, form: ElementBuilder) -> ElementBuilder {
    iq(room, "set", Element::builder("query", OWNER).child(form))
}

/// Takes the configuration that the service has for new rooms (XEP-0045 §10.1.2).
pub(crate) fn accept_defaults(room: &BareJid) -> ElementBuilder {
    let form = Element::builder("x", ns::DATA_FORMS).attr("type", FormKind::Submit.as_str());
    configure(room, form)
}

/// The configuration form in an answer.
pub(crate) fn read_configuration(answer: &Stanza) -> Result<RoomConfiguration, ManagingError> {
    let query = answer.child("query", OWNER);
    let form = match query.map(Form::inside) {
        None => Err(ManagingError::BadConfiguration { source: None }),
        Some(form) => form.map_err(|error| ManagingError::BadConfiguration {
            source: Some(error),
        }),
    };
    RoomConfiguration::of(form?)
}
