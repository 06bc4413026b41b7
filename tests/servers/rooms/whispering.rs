//! XEP-0045 §7.5: what is said to one.

use converse::prelude::*;
use serde_json::{Value, json};

use super::assembly::{Assembly, bodies, handle};
use crate::client::Host;

/// What is said to one nobody else hears.
pub(crate) async fn private_messages(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let chat = party.his().private_chat("Juliet").unwrap();
    chat.send_message("By the hour of nine.").await.unwrap();
    let nine = |told: &Value| told["body"] == "By the hour of nine.";
    let heard = party.peer_hears("his message", nine).await;
    assert_eq!(heard["type"], "chat");
    assert_eq!(heard["from"], format!("{}/Romeo", party.room));
    let order = json!({ "to": heard["from"], "body": "I will not fail." });
    party.peer.say(order).await;
    party
        .romeo
        .holds("her answer", |_| {
            let messages = chat.messages().all().unwrap();
            let bodies: Vec<_> = messages
                .iter()
                .map(|message| message.body.as_str())
                .collect();
            bodies == ["By the hour of nine.", "I will not fail."]
        })
        .await;
    for resource in [&party.romeo, &party.tybalt] {
        resource.round_trip().await;
        assert!(bodies(&handle(&resource.api, &party.room)).is_empty());
    }
    party.part().await;
}

/// A private chat follows another nick, and ends with the visit.
pub(crate) async fn those_who_go(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let room = party.room.clone();
    let chat = party.his().private_chat("Juliet").unwrap();
    let order = json!({ "room": room, "nick": "Capulet" });
    party.peer.order("take_nick", order).await;
    party
        .romeo
        .holds("her other nick", |_| chat.nick().unwrap() == "Capulet")
        .await;
    chat.send_message("Deny thy father.").await.unwrap();
    let father = |told: &Value| told["body"] == "Deny thy father.";
    party.peer_hears("his message", father).await;
    party.peer.order("leave", json!({ "room": room })).await;
    party
        .romeo
        .holds("that she is gone", |_| chat.is_gone().unwrap())
        .await;
    let refused = chat.send_message("And refuse thy name.").await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Disconnected);
    // She comes back under another nick; that is another chat.
    let order = json!({ "room": room, "nick": "Juliet" });
    party.peer.order("enter", order).await;
    party.see_each_other().await;
    let other = party.his().private_chat("Juliet").unwrap();
    assert_ne!(other, chat);
    other
        .send_message("I take thee at thy word.")
        .await
        .unwrap();
    let word = |told: &Value| told["body"] == "I take thee at thy word.";
    party.peer_hears("his message", word).await;
    party.part().await;
}

/// What is said to somebody who is not there comes back, and to nobody else.
pub(crate) async fn nobody(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let chat = party.his().private_chat("Rosaline").unwrap();
    let id = chat.send_message("One fairer than my love!").await.unwrap();
    let message = || chat.messages().get(&id).unwrap().unwrap();
    party
        .romeo
        .holds("the refusal", |_| {
            message().delivery == Some(Delivery::Failed)
        })
        .await;
    assert_eq!(message().error.unwrap().condition, "item-not-found");
    let status = party.his().connection_status().unwrap();
    assert_eq!(status, ConnectionStatus::Entered);
    let fairer = |told: &Value| told["body"] == "One fairer than my love!";
    assert!(!party.peer.rest().await.iter().any(fairer));
    party.part().await;
}
