//! XEP-0045 §7.7: whether somebody is there.

use converse::prelude::*;
use serde_json::Value;

use super::assembly::{Assembly, occupant};
use crate::client::Host;

/// A room sees what everybody sees of the user, and is left by who is shown to nobody.
pub(crate) async fn availability(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let room = party.room.clone();
    let status = party.romeo.api.user().status();
    status.set("dnd", Some("at the orchard")).await.unwrap();
    let busy = |told: &Value| told["show"] == "dnd";
    let told = party.peer_sees("Romeo", "that he is busy", busy).await;
    assert_eq!(told["status"], "at the orchard");
    assert_eq!(told["affiliation"], "owner");
    party
        .tybalt
        .holds("that Romeo is busy", |api| {
            let romeo = occupant(api, &room, "Romeo").unwrap();
            romeo.show == ChatStatus::Dnd && romeo.status.as_deref() == Some("at the orchard")
        })
        .await;
    // Whoever comes later sees it too.
    party.tybalts().close().await.unwrap();
    party.is_gone("Tybalt").await;
    party.enter_tybalt().await;
    let romeo = occupant(&party.tybalt.api, &room, "Romeo").unwrap();
    assert_eq!(romeo.show, ChatStatus::Dnd);

    status.set("offline", None).await.unwrap();
    let gone = |told: &Value| told["type"] == "unavailable";
    party.peer_sees("Romeo", "that he is gone", gone).await;
    let left = party.his().connection_status().unwrap();
    assert_eq!(left, ConnectionStatus::Disconnected);
    status.set("online", None).await.unwrap();
    let here = |told: &Value| told["type"] == "available" && told["show"] == "";
    party.peer_sees("Romeo", "that he is back", here).await;
    let his = |api: &Api| {
        let room = api.rooms().get(&room).unwrap().unwrap();
        room.connection_status().unwrap() == ConnectionStatus::Entered
    };
    party.romeo.holds("that he is back", his).await;
    party.see_each_other().await;
    party.part().await;
}
