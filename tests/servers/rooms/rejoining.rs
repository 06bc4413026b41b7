//! A connection that is lost: what can be resumed goes on, and where it cannot the room is entered again.

use converse::prelude::*;
use converse_testkit::servers::Proxy;
use serde_json::{Value, json};

use super::assembly::{Assembly, bodies, handle};
use crate::client::Host;
use crate::resource::Resource;

/// The party, with a Tybalt behind a proxy that can be cut.
async fn behind(server: &impl Host) -> Option<(Assembly, Proxy)> {
    let mut party = Assembly::made(server, RoomConfig::new()).await?;
    let proxy = Proxy::start(server.addr()).await.unwrap();
    let account = party.tybalt.jid().to_bare().to_string();
    let settings = json!({ "server": proxy.addr().to_string() });
    let resource = Resource::log_in(server, &account, "cut", settings).await;
    std::mem::replace(&mut party.tybalt, resource).stop().await;
    party.enter_tybalt().await;
    party.enter_peer().await;
    party.see_each_other().await;
    Some((party, proxy))
}

/// What is said in the meantime comes when the session is resumed, and nobody saw him leave.
pub(crate) async fn after_a_cut(server: &impl Host) {
    let Some((mut party, proxy)) = behind(server).await else {
        return;
    };
    proxy.refuse().await;
    proxy.cut().await;
    for body in ["one", "two"] {
        let order = json!({ "to": party.room, "type": "groupchat", "body": body });
        party.peer.say(order).await;
        party.romeo.message(body).await;
    }
    proxy.accept().await.unwrap();
    for body in ["one", "two"] {
        party.tybalt.message(body).await;
    }
    party.tybalt.round_trip().await;
    let room = handle(&party.tybalt.api, &party.room);
    assert_eq!(room.connection_status().unwrap(), ConnectionStatus::Entered);
    assert_eq!(bodies(&room), ["one", "two"]);
    room.send_message("three").await.unwrap();
    let three = |told: &Value| told["body"] == "three";
    party.peer_hears("what he says then", three).await;
    let left = format!("{}/Tybalt", party.room);
    let gone = |told: &Value| told["from"] == left.as_str() && told["type"] == "unavailable";
    assert!(!party.peer.rest().await.iter().any(gone));
    party.part().await;
}

/// The session is lost: he is out, comes in again by himself, and hears what was said meanwhile, once.
pub(crate) async fn after_a_loss(server: &impl Host) {
    let Some((mut party, proxy)) = behind(server).await else {
        return;
    };
    party.his().send_message("before").await.unwrap();
    party.tybalt.message("before").await;
    proxy.refuse().await;
    // The same resource from elsewhere takes the session's place.
    let (account, resource) = (party.tybalt.jid().to_bare(), "cut");
    proxy.cut().await;
    let settings = json!({ "auto_reconnect": false });
    let usurper = Resource::log_in(server, account.as_str(), resource, settings).await;
    party.is_gone("Tybalt").await;
    let order = json!({ "to": party.room, "type": "groupchat", "body": "meanwhile" });
    party.peer.say(order).await;
    party.romeo.message("meanwhile").await;
    usurper.stop().await;
    proxy.accept().await.unwrap();
    party.see_each_other().await;
    let room = party.room.clone();
    party
        .tybalt
        .holds("what was said", |api| {
            bodies(&handle(api, &room)) == ["before", "meanwhile"]
        })
        .await;
    let occupants = handle(&party.tybalt.api, &room).occupants();
    assert_eq!(occupants.count().unwrap(), 3);
    party.tybalts().send_message("after").await.unwrap();
    let after = |told: &Value| told["body"] == "after";
    party.peer_hears("what he says then", after).await;
    party.part().await;
}
