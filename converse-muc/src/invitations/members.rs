//! Making somebody a member of a room for members (XEP-0045 §9.3), so that an invitation is of use (XEP-0249 §5).

use converse_core::api::Api;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use converse_core::{Error, ErrorKind, ns};
use futures_util::future::join3;
use jid::BareJid;

use crate::model::Affiliation;

/// What only admins may (XEP-0045 §9).
const ADMIN: &str = "http://jabber.org/protocol/muc#admin";

/// Makes somebody a member who is nothing in the room yet; whoever is something stays that.
///
/// # Errors
///
/// As [`Api::iq`]; a list that the user may not see is as good as empty.
pub(super) async fn ensure(api: &Api, room: &BareJid, who: &BareJid) -> Result<(), Error> {
    let ask = |affiliation| api.iq(list(room, affiliation));
    let (members, owners, admins) = join3(
        ask(Affiliation::Member),
        ask(Affiliation::Owner),
        ask(Affiliation::Admin),
    )
    .await;
    for answer in [members, owners, admins] {
        match answer {
            Ok(answer) if lists(&answer, who) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Stanza => {
                tracing::debug!(%room, %error, "a room does not show one of its lists");
            }
            Err(error) => return Err(error),
        }
    }
    api.iq(grant(room, who)).await.map(drop)
}

fn list(room: &BareJid, affiliation: Affiliation) -> ElementBuilder {
    request(room, "get", item(affiliation))
}

fn grant(room: &BareJid, who: &BareJid) -> ElementBuilder {
    request(
        room,
        "set",
        item(Affiliation::Member).attr("jid", who.as_str()),
    )
}

fn request(room: &BareJid, type_: &'static str, item: ElementBuilder) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", type_)
        .attr("to", room.as_str())
        .child(Element::builder("query", ADMIN).child(item))
}

fn item(affiliation: Affiliation) -> ElementBuilder {
    Element::builder("item", ADMIN).attr("affiliation", affiliation.as_str())
}

fn lists(answer: &Stanza, who: &BareJid) -> bool {
    let query = answer.child("query", ADMIN);
    let mut items = query
        .into_iter()
        .flat_map(|query| query.children_named("item", ADMIN));
    items.any(|item| {
        let jid = item.attr("jid").and_then(|jid| BareJid::new(&jid).ok());
        jid.is_some_and(|jid| jid == *who)
    })
}
