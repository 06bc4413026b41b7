//! XEP-0045 §7.2, §7.6, §7.14, §10.1: making a room, coming in, other nicks, going.

use converse::muc::JoinError;
use converse::prelude::*;
use serde_json::json;

use super::assembly::{Assembly, has_code, occupant};
use crate::client::{Host, within};

/// Who comes first makes the room and owns it; the others see who is there, and who owns it sees who they are.
pub(crate) async fn making_and_entering(server: &impl Host) {
    let config = RoomConfig::new().name("The garden").persistent(true);
    let Some(mut party) = Assembly::made(server, config).await else {
        return;
    };
    let garden = party.his();
    assert_eq!(garden.affiliation().unwrap(), Affiliation::Owner);
    assert_eq!(garden.role().unwrap(), Role::Moderator);
    party.enter_tybalt().await;
    let entered = party.enter_peer().await;
    assert_eq!(entered["nick"], "Juliet");
    assert!(has_code(&entered, 110), "{entered}");
    let seen = entered["occupants"].as_array().unwrap();
    assert!(seen.contains(&json!("Romeo")) && seen.contains(&json!("Tybalt")));
    party.see_each_other().await;
    let room = party.room.clone();
    let of_owner = occupant(&party.romeo.api, &room, "Juliet").unwrap();
    assert_eq!(of_owner.affiliation, Affiliation::None);
    let jid = of_owner.real_jid.as_ref().unwrap();
    assert_eq!(jid.to_string(), party.peer.full);
    let of_guest = occupant(&party.tybalt.api, &room, "Juliet").unwrap();
    assert_eq!(
        (of_guest.real_jid.clone(), of_guest.role),
        (None, Role::Participant)
    );
    let owner = occupant(&party.tybalt.api, &room, "Romeo").unwrap();
    assert_eq!(owner.affiliation, Affiliation::Owner);
    let info = party.tybalts().info().unwrap().unwrap();
    assert_eq!(info.name.as_deref(), Some("The garden"));
    // Going is seen, by ours and by theirs.
    party.peer.order("leave", json!({ "room": room })).await;
    party.is_gone("Juliet").await;
    party.tybalts().close().await.unwrap();
    party.is_gone("Tybalt").await;
    assert!(party.tybalt.api.rooms().get(&room).unwrap().is_none());
    let entered = party.enter_peer().await;
    assert_eq!(entered["occupants"], json!(["Juliet", "Romeo"]));
    party.his().close().await.unwrap();
    let gone = |told: &serde_json::Value| told["type"] == "unavailable";
    party.peer_sees("Romeo", "that he has gone", gone).await;
    party.part().await;
}

/// Nobody comes in without the password, or with another.
pub(crate) async fn passwords(server: &impl Host) {
    let config = RoomConfig::new().password("rosemary");
    let Some(mut party) = Assembly::made(server, config).await else {
        return;
    };
    let rooms = party.tybalt.api.rooms();
    for (options, given) in [
        (RoomOptions::nick("Tybalt"), false),
        (RoomOptions::nick("Tybalt").password("rue"), true),
    ] {
        let room = rooms.open(&party.room, options).await.unwrap();
        let refused = within("the refusal", room.entered()).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Disconnected);
        let error = room.join_error().unwrap();
        assert_eq!(error, Some(JoinError::Password { given }));
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::PasswordRequired);
    }
    let room = rooms.get(&party.room).unwrap().unwrap();
    let options = RoomOptions::nick("Tybalt").password("rosemary");
    room.join(options).await.unwrap();
    within("Tybalt's way in", room.entered()).await.unwrap();
    let mut order = json!({ "room": party.room, "nick": "Juliet" });
    let refused = party.peer.ask("enter", order.clone()).await;
    assert_eq!(refused, Err("not-authorized".to_owned()));
    order["password"] = json!("rosemary");
    party.peer.order("enter", order).await;
    party.see_each_other().await;
    party.part().await;
}

/// A nick is one occupant's; another can be taken, on both sides, and whoever has taken it is the same one.
pub(crate) async fn nicks(server: &impl Host) {
    let Some(mut party) = Assembly::made(server, RoomConfig::new()).await else {
        return;
    };
    party.enter_peer().await;
    let rooms = party.tybalt.api.rooms();
    let room = rooms.open(&party.room, "Juliet").await.unwrap();
    within("the refusal", room.entered()).await.unwrap_err();
    assert_eq!(room.join_error().unwrap(), Some(JoinError::NickConflict));
    room.join("Tybalt").await.unwrap();
    within("Tybalt's way in", room.entered()).await.unwrap();
    party.see_each_other().await;

    let refused = within("the refusal", room.set_nick("Romeo")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
    within("the other nick", room.set_nick("Prince of Cats"))
        .await
        .unwrap();
    assert_eq!(room.nick().unwrap().as_deref(), Some("Prince of Cats"));
    let renamed = |told: &serde_json::Value| told["type"] == "unavailable";
    let told = party
        .peer_sees("Tybalt", "that he is called otherwise", renamed)
        .await;
    assert!(has_code(&told, 303), "{told}");
    assert_eq!(told["renamed"], "Prince of Cats");

    let order = json!({ "room": party.room, "nick": "Capulet" });
    party.peer.order("take_nick", order).await;
    let renamed = party
        .romeo
        .event("occupantRenamed", |event| event["old_nick"] == "Juliet")
        .await;
    assert_eq!(renamed["occupant"]["nick"], "Capulet");
    party.is_there("Capulet").await;
    party.is_gone("Juliet").await;
    party.part().await;
}
