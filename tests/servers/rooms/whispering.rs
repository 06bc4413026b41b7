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
