//! Requests to those who run a room, and what they are answered.

use converse_core::forms::{Form, FormError, FormKind, Submission};
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::{BareJid, Jid, ResourcePart};

use super::requests::VOICE;
use super::versions::{Ask, Step};
use super::{
    Affiliate, AffiliationChange, Destruction, ManagingError, RoleHolder, RoomConfiguration,
};
use crate::model::{Affiliation, Role};
use crate::wire::shortened;

/// How many items of a list are read.
const MAX_ITEMS: usize = 100_000;

/// The requests of owners (XEP-0045 §10).
pub(crate) const OWNER: &str = "http://jabber.org/protocol/muc#owner";
/// The requests of moderators and admins (XEP-0045 §8, §9).
pub(crate) const ADMIN: &str = "http://jabber.org/protocol/muc#admin";
/// Versions of the lists (XEP-0463).
const VERSIONS: &str = "urn:xmpp:muc:affiliations:0";

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
    configure(room, defaults())
}

/// The form that accepts what the service has.
pub(crate) fn defaults() -> ElementBuilder {
    Element::builder("x", ns::DATA_FORMS).attr("type", FormKind::Submit.as_str())
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

/// Asks for a list of affiliations (XEP-0045 §9.2, §9.5).
pub(crate) fn ask_affiliations(room: &BareJid, affiliation: Affiliation) -> ElementBuilder {
    let item = Element::builder("item", ADMIN).attr("affiliation", affiliation.as_str());
    admin(room, "get", item)
}

/// Asks for a list of roles (XEP-0045 §8.5, §9.8).
pub(crate) fn ask_roles(room: &BareJid, role: Role) -> ElementBuilder {
    let item = Element::builder("item", ADMIN).attr("role", role.as_str());
    admin(room, "get", item)
}

/// Gives somebody an affiliation. With it goes the bare address only, and never a role (XEP-0045 §16.4).
pub(crate) fn set_affiliation(room: &BareJid, change: &AffiliationChange) -> ElementBuilder {
    let item = Element::builder("item", ADMIN)
        .attr("affiliation", change.affiliation.as_str())
        .attr("jid", change.jid.as_str())
        .attr_opt("nick", change.nick.as_deref());
    admin(room, "set", with_reason(item, change.reason.as_deref()))
}

/// Gives an occupant a role. With it goes the nick only, and never an affiliation (XEP-0045 §16.4).
pub(crate) fn set_role(
    room: &BareJid,
    nick: &str,
    role: Role,
    reason: Option<&str>,
) -> ElementBuilder {
    let item = Element::builder("item", ADMIN)
        .attr("nick", nick)
        .attr("role", role.as_str());
    admin(room, "set", with_reason(item, reason))
}

fn admin(room: &BareJid, type_: &str, item: ElementBuilder) -> ElementBuilder {
    iq(room, type_, Element::builder("query", ADMIN).child(item))
}

fn with_reason(item: ElementBuilder, reason: Option<&str>) -> ElementBuilder {
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => item.child(Element::builder("reason", ADMIN).text(reason)),
        None => item,
    }
}

/// The list of an affiliation in an answer. Items that are malformed, or of another list, cost themselves only.
pub(crate) fn read_affiliates(answer: &Stanza, list: Affiliation) -> Vec<Affiliate> {
    let items = items(answer).filter_map(read_affiliate);
    items.filter(|one| one.affiliation == list).collect()
}

/// The occupants of a role in an answer, as [`read_affiliates`].
pub(crate) fn read_role_holders(answer: &Stanza, list: Role) -> Vec<RoleHolder> {
    let holders = items(answer).filter_map(|item| {
        Some(RoleHolder {
            nick: nick(item)?,
            role: Role::of_word(&item.attr("role")?)?,
            affiliation: item
                .attr("affiliation")
                .and_then(|word| Affiliation::of_word(&word)),
            jid: item.attr("jid").and_then(|jid| Jid::new(&jid).ok()),
        })
    });
    holders.filter(|holder| holder.role == list).collect()
}

fn items(answer: &Stanza) -> impl Iterator<Item = ElementRef<'_>> {
    let query = answer.child("query", ADMIN);
    let items = query.into_iter();
    items
        .flat_map(|query| query.children_named("item", ADMIN))
        .take(MAX_ITEMS)
}

/// Somebody on a list; `None` for who has no address or an affiliation that there is not.
pub(crate) fn read_affiliate(item: ElementRef<'_>) -> Option<Affiliate> {
    let reason = item.child_text("reason", item.ns());
    Some(Affiliate {
        jid: Jid::new(&item.attr("jid")?).ok()?.into_bare(),
        affiliation: Affiliation::of_word(&item.attr("affiliation")?)?,
        nick: nick(item),
        reason: reason.and_then(|reason| shortened(&reason)),
    })
}

/// A nick that could be one (RFC 7622 §3.4).
fn nick(item: ElementRef<'_>) -> Option<String> {
    let nick = item.attr("nick")?;
    let nick = ResourcePart::new(&nick).ok()?;
    Some(nick.as_str().to_owned())
}

/// Destroys a room (XEP-0045 §10.9).
pub(crate) fn destroy(room: &BareJid, end: &Destruction) -> ElementBuilder {
    let alternative = end.alternative.as_ref().map(|room| room.as_str());
    let mut destroy = Element::builder("destroy", OWNER).attr_opt("jid", alternative);
    if let Some(password) = &end.password {
        destroy = destroy.child(Element::builder("password", OWNER).text(password.expose()));
    }
    if let Some(reason) = &end.reason {
        destroy = destroy.child(Element::builder("reason", OWNER).text(reason));
    }
    configure(room, destroy)
}

/// Gives a room another subject: a message with that and nothing else (XEP-0045 §8.1).
pub(crate) fn subject(room: &BareJid, id: &str, text: &str) -> ElementBuilder {
    Element::builder("message", ns::CLIENT)
        .attr("to", room.as_str())
        .attr("type", "groupchat")
        .attr("id", id)
        .child(Element::builder("subject", ns::CLIENT).text(text))
}

/// Asks those who run a room for voice (XEP-0045 §7.13).
pub(crate) fn request_voice(room: &BareJid, id: &str) -> Result<ElementBuilder, FormError> {
    let form = Submission::about(VOICE).with("muc#role", Role::Participant.as_str());
    Ok(form_message(room, id, form.submit()?))
}

/// Sends a form to a room in a message, as it asks for some.
pub(crate) fn form_message(room: &BareJid, id: &str, form: ElementBuilder) -> ElementBuilder {
    Element::builder("message", ns::CLIENT)
        .attr("to", room.as_str())
        .attr("id", id)
        .child(form)
}

/// Who has another affiliation now, as a message of the room itself says (XEP-0045 §10.3). Items that are malformed cost
/// themselves only.
pub(crate) fn read_affiliation_changes(stanza: &Stanza) -> Vec<Affiliate> {
    let user = stanza.child("x", ns::MUC_USER);
    let items = user.into_iter();
    items
        .flat_map(|user| user.children_named("item", ns::MUC_USER))
        .filter_map(read_affiliate)
        .take(MAX_ITEMS)
        .collect()
}

/// Asks for the lists on coming in (XEP-0463 §5.1).
pub(crate) fn ask_lists(ask: Ask) -> ElementBuilder {
    Element::builder("mav", VERSIONS).attr_opt("since", ask.since)
}

/// Between which versions of the lists a stanza leads.
pub(crate) fn read_step(stanza: &Stanza) -> Option<Step> {
    let user = stanza.child("x", ns::MUC_USER)?;
    let versions = user.child("mav", VERSIONS)?;
    let version = |name| versions.attr(name).map(|version| version.into_owned());
    Some(Step {
        since: version("since"),
        until: version("until"),
    })
}
