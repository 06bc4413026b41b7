//! What got lost, came twice, or came out of order.

use std::collections::{HashMap, HashSet};

use converse_core::ns;

use crate::cases::trouble::{Done, Trouble};
use crate::cases::world::World;

/// The messages that the application was asked to send.
pub(super) fn called(world: &World<'_>) -> Result<Vec<String>, Trouble> {
    if world.ledger.called.is_empty() {
        return Err(Trouble::unsupported("a loss of nothing"));
    }
    Ok(world.ledger.called.clone())
}

/// The messages that the server got.
pub(super) fn received(world: &World<'_>) -> Vec<String> {
    let sent = world.server.sent();
    let elements = sent.iter().filter_map(|sent| sent.element());
    let bodies = elements.filter_map(|element| element.child_text("body", ns::CLIENT));
    bodies.map(std::borrow::Cow::into_owned).collect()
}

pub(super) fn missing(wanted: &[String], found: &[String]) -> u64 {
    wanted.iter().filter(|body| !found.contains(body)).count() as u64
}

pub(super) fn repeated(found: &[String]) -> u64 {
    let different: HashSet<&String> = found.iter().collect();
    (found.len() - different.len()) as u64
}

/// How often one message is heard, or one thing is done after a reconnection: more than once if handlers were added anew.
pub(super) async fn handlers_per_event(world: &World<'_>) -> Result<u64, Trouble> {
    let marker = "how many hear this?";
    world
        .server
        .send(&format!(
            "<message from='otto@heron.example/oar' type='chat'><body>{marker}</body></message>"
        ))
        .await?;
    let heard = world
        .ledger
        .heard()
        .iter()
        .filter(|(_, body)| body == marker)
        .count();
    let newest = world.server.connection();
    let mut done: HashMap<String, u64> = HashMap::new();
    for sent in world
        .server
        .sent()
        .iter()
        .filter(|sent| Some(sent.connection) == newest)
    {
        let stanza = sent.element().filter(|element| element.ns() == ns::CLIENT);
        if let Some(stanza) = stanza {
            let id = stanza.attr("id").unwrap_or_default();
            *done.entry(stanza.to_xml().replace(&*id, "")).or_default() += 1;
        }
    }
    Ok(done.values().copied().max().unwrap_or(0).max(heard as u64))
}

/// How many of the messages that were sent did not reach a listener.
pub(super) fn lost_in(world: &World<'_>) -> u64 {
    let heard = world.ledger.heard();
    let lost = world
        .ledger
        .said
        .iter()
        .filter(|said| !heard.contains(said));
    lost.count() as u64
}

/// Each sender's messages were heard in the order in which they were sent.
pub(super) fn order_kept(world: &World<'_>) -> Done {
    let by_sender = |list: &[(String, String)]| {
        let mut map: HashMap<String, Vec<String>> = HashMap::new();
        for (from, body) in list {
            map.entry(from.clone()).or_default().push(body.clone());
        }
        map
    };
    if world.ledger.said.is_empty() {
        return Err(Trouble::unsupported("an order of nothing"));
    }
    let (said, heard) = (
        by_sender(&world.ledger.said),
        by_sender(&world.ledger.heard()),
    );
    for (from, bodies) in said {
        let heard = heard.get(&from).cloned().unwrap_or_default();
        let heard: Vec<_> = heard
            .into_iter()
            .filter(|body| bodies.contains(body))
            .collect();
        if heard != bodies {
            return Err(Trouble::failed(format!(
                "of {from} it heard {} of {}, or not in order",
                heard.len(),
                bodies.len()
            )));
        }
    }
    Ok(())
}
