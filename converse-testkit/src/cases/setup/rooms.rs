//! Rooms that are entered before the steps begin: the server plays the room (XEP-0045 §7.2).

use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder};
use serde::Deserialize;
use serde_json::Value;

use super::super::trouble::{Done, Trouble, parameters};
use super::super::world::{ACCOUNT, PATIENCE, RESOURCE, World};
use crate::scripted::Captures;

const MUC: &str = "http://jabber.org/protocol/muc";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    jid: String,
    nick: String,
    #[serde(default = "no_affiliation")]
    affiliation: String,
    #[serde(default = "participant")]
    role: String,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    occupants: Vec<Occupant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Occupant {
    nick: String,
    affiliation: String,
    role: String,
}

fn no_affiliation() -> String {
    "none".to_owned()
}

fn participant() -> String {
    "participant".to_owned()
}

/// Lets the client open a room and lets it in.
pub(super) async fn enter(world: &World<'_>, value: &Value) -> Done {
    let room: Room = parameters(value)?;
    let opening = world.groupings.prepare(&world.api, "rooms", value);
    let opening = opening.ok_or_else(|| Trouble::unsupported("setup of `rooms`"))?;
    let opened = actix::spawn(opening);
    let mut captures = Captures::default();
    let asks = format!(
        "<iq type='get' id='{{{{id}}}}' to='{}'><query xmlns='{}'/></iq>",
        room.jid,
        ns::DISCO_INFO
    );
    world.server.expect(&asks, &mut captures).await?;
    let id = captures.get("id").unwrap_or_default();
    world.server.send(&xml(info(&room, id))?).await?;
    let enters = format!(
        "<presence to='{}/{}'><x xmlns='{MUC}'/></presence>",
        room.jid, room.nick
    );
    world.server.expect(&enters, &mut captures).await?;
    for occupant in &room.occupants {
        let stanza = presence(&room.jid, occupant, false);
        world.server.send(&xml(stanza)?).await?;
    }
    let own = Occupant {
        nick: room.nick,
        affiliation: room.affiliation,
        role: room.role,
    };
    let stanza = presence(&room.jid, &own, true);
    world.server.send(&xml(stanza)?).await?;
    let opened = tokio::time::timeout(PATIENCE, opened).await;
    let opened = opened.map_err(|_| Trouble::failed("setup: the room is not entered"))?;
    opened.map_err(|error| Trouble::failed(format!("setup: {error}")))??;
    Ok(())
}

fn info(room: &Room, id: &str) -> ElementBuilder {
    let name = room.jid.split('@').next().unwrap_or_default();
    let identity = Element::builder("identity", ns::DISCO_INFO)
        .attr("category", "conference")
        .attr("type", "text")
        .attr("name", name);
    let features = std::iter::once(MUC).chain(room.features.iter().map(String::as_str));
    let features =
        features.map(|var| Element::builder("feature", ns::DISCO_INFO).attr("var", var.to_owned()));
    let query = Element::builder("query", ns::DISCO_INFO)
        .child(identity)
        .children(features);
    Element::builder("iq", ns::CLIENT)
        .attr("type", "result")
        .attr("id", id.to_owned())
        .attr("from", room.jid.clone())
        .attr("to", format!("{ACCOUNT}/{RESOURCE}"))
        .child(query)
}

fn presence(room: &str, occupant: &Occupant, is_own: bool) -> ElementBuilder {
    let item = Element::builder("item", ns::MUC_USER)
        .attr("affiliation", occupant.affiliation.clone())
        .attr("role", occupant.role.clone());
    let own = is_own.then(|| Element::builder("status", ns::MUC_USER).attr("code", "110"));
    let user = Element::builder("x", ns::MUC_USER)
        .child(item)
        .child_opt(own);
    Element::builder("presence", ns::CLIENT)
        .attr("from", format!("{room}/{}", occupant.nick))
        .attr("to", format!("{ACCOUNT}/{RESOURCE}"))
        .child(user)
}

fn xml(stanza: ElementBuilder) -> Result<String, Trouble> {
    let element = stanza.build();
    let element = element.map_err(|error| Trouble::unsupported(error.to_string()))?;
    Ok(element.to_xml())
}
