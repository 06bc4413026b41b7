//! XEP-0045 §7.2.13, §7.4, §7.5, §8.1: what is said, and what the room is about.

use converse::prelude::*;
use serde_json::{Value, json};

use super::assembly::{Assembly, bodies, handle};
use crate::client::{Host, within};

/// What somebody says everybody hears once, who says it too; and who comes later hears it then.
pub(crate) async fn messages_and_history(server: &impl Host) {
    let Some(mut party) = Assembly::made(server, RoomConfig::new()).await else {
        return;
    };
    party.enter_tybalt().await;
    party.is_there("Tybalt").await;
    let sent = party.his().send_message("But, soft!").await.unwrap();
    let heard = party.tybalt.message("But, soft!").await;
    assert_eq!(heard["nick"], "Romeo");
    assert_eq!(heard["id"], json!(sent));
    let entered = party.enter_peer().await;
    assert_eq!(entered["history"], json!(["But, soft!"]));
    party.see_each_other().await;
    let order = json!({ "to": party.room, "type": "groupchat", "body": "Ay me." });
    party.peer.say(order).await;
    for resource in [&mut party.romeo, &mut party.tybalt] {
        let heard = resource.message("Ay me.").await;
        assert_eq!(heard["nick"], "Juliet");
    }
    party
        .tybalts()
        .send_message("What noise is this?")
        .await
        .unwrap();
    let noise = |told: &Value| told["body"] == "What noise is this?";
    let heard = party.peer_hears("Tybalt", noise).await;
    assert_eq!(heard["from"], format!("{}/Tybalt", party.room));
    assert_eq!(heard["type"], "groupchat");
    party.romeo.message("What noise is this?").await;
    let everything = ["But, soft!", "Ay me.", "What noise is this?"];
    for resource in [&mut party.romeo, &mut party.tybalt] {
        resource.round_trip().await;
        assert_eq!(bodies(&handle(&resource.api, &party.room)), everything);
    }
    assert!(!party.peer.rest().await.iter().any(noise));
    // Who leaves and comes back has everything, and nothing twice.
    let room = party.room.clone();
    party.tybalts().close().await.unwrap();
    party.is_gone("Tybalt").await;
    party.enter_tybalt().await;
    party
        .tybalt
        .holds("the history", |api| {
            bodies(&handle(api, &room)) == everything
        })
        .await;
    party.part().await;
}

/// Who may set the subject sets it, everybody sees it, and who comes later too.
pub(crate) async fn subjects(server: &impl Host) {
    let config = RoomConfig::new().occupants_change_subject(false);
    let Some(mut party) = Assembly::inside(server, config).await else {
        return;
    };
    let room = party.room.clone();
    within("the subject", party.his().set_subject("Stars"))
        .await
        .unwrap();
    let stars = |told: &Value| told["subject"] == "Stars";
    party.peer_hears("the subject", stars).await;
    let is = |subject: &'static str| {
        let room = room.clone();
        move |api: &Api| {
            let found = handle(api, &room).subject().unwrap();
            found.is_some_and(|found| found.text == subject)
        }
    };
    party.tybalt.holds("the subject", is("Stars")).await;
    // Nobody else may; then everybody.
    let refused = within("the refusal", party.tybalts().set_subject("Brawls")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Stanza);
    let config = RoomConfig::new().occupants_change_subject(true);
    party.his().configure(config).await.unwrap();
    let order = json!({ "room": room, "subject": "The lark" });
    party.peer.order("set_subject", order).await;
    party.romeo.holds("her subject", is("The lark")).await;
    party.tybalt.holds("her subject", is("The lark")).await;
    party.peer.order("leave", json!({ "room": room })).await;
    party.is_gone("Juliet").await;
    let entered = party.enter_peer().await;
    assert_eq!(entered["subject"], "The lark");
    party.part().await;
}
