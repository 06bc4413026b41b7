//! XEP-0045 §10.9: the end of a room.

use converse::muc::Destruction;
use converse::prelude::*;
use serde_json::{Value, json};

use super::assembly::{Assembly, handle};
use crate::client::{Host, within};

/// Everybody is told that the room is no more, and where to go; whoever ended it.
pub(crate) async fn destructions(server: &impl Host) {
    let config = || RoomConfig::new().persistent(true);
    let Some(mut party) = Assembly::inside(server, config()).await else {
        return;
    };
    let room = party.room.clone();
    let tomb = format!("tomb@{}", server.rooms());
    let end = Destruction::because("morning").alternative(tomb.parse().unwrap());
    within("the end", party.his().destroy(end)).await.unwrap();
    let told = |told: &Value| told["destroyed"].is_object();
    let told = party.peer_sees("Juliet", "the end", told).await;
    assert_eq!(told["destroyed"]["jid"], tomb.as_str());
    assert_eq!(told["destroyed"]["reason"], "morning");
    let is_over = |room: String| {
        move |api: &Api| {
            handle(api, &room).connection_status().unwrap() == ConnectionStatus::Destroyed
        }
    };
    party.tybalt.holds("the end", is_over(room.clone())).await;
    let moved = party.tybalts().moved_jid().unwrap().unwrap();
    assert_eq!(moved.to_string(), tomb);
    party.romeo.holds("the end", is_over(room)).await;

    // Another room, which she ends.
    party.room = format!(
        "{}@{}",
        converse_testkit::servers::unique_user("crypt"),
        server.rooms()
    );
    party.make(config()).await;
    party.enter_tybalt().await;
    party.enter_peer().await;
    party.see_each_other().await;
    let (his, juliet) = (party.his(), party.peer.jid.clone());
    let making = his.set_affiliation(&juliet, Affiliation::Owner, None);
    within("her ownership", making).await.unwrap();
    let order = json!({ "room": party.room, "reason": "poison" });
    party.peer.order("destroy", order).await;
    let room = party.room.clone();
    for resource in [&mut party.romeo, &mut party.tybalt] {
        resource.holds("the end", is_over(room.clone())).await;
        let why = handle(&resource.api, &room).disconnection().unwrap();
        assert_eq!(why.unwrap().text.as_deref(), Some("poison"));
    }
    party.part().await;
}
