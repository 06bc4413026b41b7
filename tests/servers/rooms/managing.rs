//! XEP-0045 §8, §9: kicks, bans, voice.

use converse::muc::JoinError;
use converse::prelude::*;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::assembly::{Assembly, handle, has_code, occupant};
use crate::client::{Host, within};

/// Who is kicked is told why, by ours and by theirs, and may come back.
pub(crate) async fn kicks(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let kick = |nick| {
        let room = party.his();
        async move { room.kick(nick, Some("no brawls")).await }
    };
    within("the kick", kick("Juliet")).await.unwrap();
    let gone = |told: &Value| told["type"] == "unavailable";
    let told = party.peer_sees("Juliet", "her kick", gone).await;
    assert!(has_code(&told, 307) && has_code(&told, 110), "{told}");
    assert_eq!(told["reason"], "no brawls");
    party.is_gone("Juliet").await;
    party.enter_peer().await;
    party.is_there("Juliet").await;
    // Nobody kicks who is more than oneself.
    let refused = within("the refusal", party.tybalts().kick("Romeo", None)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Stanza);
    let admin = party.peer.jid.clone();
    let his = party.his();
    let making = his.set_affiliation(&admin, Affiliation::Admin, None);
    within("her admission", making).await.unwrap();
    let order =
        json!({ "room": party.room, "nick": "Tybalt", "role": "none", "reason": "the feud" });
    party.peer.order("role", order).await;
    let room = party.room.clone();
    party
        .tybalt
        .holds("his kick", |api| {
            let status = handle(api, &room).connection_status().unwrap();
            status == ConnectionStatus::Disconnected
        })
        .await;
    let why = party.tybalts().disconnection().unwrap().unwrap();
    assert_eq!(why.reason, "kicked");
    assert_eq!(why.text.as_deref(), Some("the feud"));
    party.tybalts().join(()).await.unwrap();
    let back = party.tybalts();
    within("his way back", back.entered()).await.unwrap();
    party.part().await;
}

/// Who is banned does not come back until the ban is lifted.
pub(crate) async fn bans(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let (his, juliet) = (party.his(), party.peer.jid.clone());
    within("the ban", his.ban(&juliet, Some("the feud")))
        .await
        .unwrap();
    let gone = |told: &Value| told["type"] == "unavailable";
    let told = party.peer_sees("Juliet", "her ban", gone).await;
    assert!(has_code(&told, 301), "{told}");
    let order = json!({ "room": party.room, "nick": "Juliet" });
    let refused = party.peer.ask("enter", order).await;
    assert_eq!(refused, Err("forbidden".to_owned()));
    let listed = within("the list", his.affiliations(Affiliation::Outcast)).await;
    let listed: Vec<String> = listed
        .unwrap()
        .iter()
        .map(|one| one.jid.to_string())
        .collect();
    assert_eq!(listed, std::slice::from_ref(&juliet));
    let lifting = his.set_affiliation(&juliet, Affiliation::None, None);
    within("the end of the ban", lifting).await.unwrap();
    party.enter_peer().await;
    party.is_there("Juliet").await;
    // The other way round, by one whom he has made an owner.
    let making = his.set_affiliation(&juliet, Affiliation::Owner, None);
    within("her ownership", making).await.unwrap();
    let tybalt = party.tybalt.jid().to_bare().to_string();
    let order = json!({ "room": party.room, "jid": tybalt, "affiliation": "outcast" });
    party.peer.order("affiliation", order).await;
    let room = party.room.clone();
    party
        .tybalt
        .holds("his ban", |api| {
            handle(api, &room).connection_status().unwrap() == ConnectionStatus::Banned
        })
        .await;
    let tybalts = party.tybalts();
    tybalts.join(()).await.unwrap();
    within("the refusal", tybalts.entered()).await.unwrap_err();
    assert_eq!(tybalts.join_error().unwrap(), Some(JoinError::Banned));
    let order = json!({ "room": party.room, "affiliation": "outcast" });
    let listed = party.peer.order("affiliations", order).await;
    assert_eq!(listed, json!([tybalt]));
    party.part().await;
}

/// In a moderated room nobody speaks who has no voice; it is asked for, granted and taken away, on both sides.
pub(crate) async fn voice(server: &impl Host) {
    // With ejabberd everybody has voice unless told otherwise.
    let config = RoomConfig::new()
        .moderated(true)
        .set("members_by_default", false);
    let Some(mut party) = Assembly::inside(server, config).await else {
        return;
    };
    let room = party.room.clone();
    let (seen, mut requests) = mpsc::unbounded_channel();
    let listen = party.romeo.api.listen();
    listen.subscribe_sync(move |event: &VoiceRequested| {
        // A test that has ended hears nothing.
        let _ = seen.send(event.request.clone());
        Ok(())
    });
    assert_eq!(party.tybalts().role().unwrap(), Role::Visitor);
    let order = json!({ "to": room, "type": "groupchat", "body": "Ay me." });
    party.peer.say(order.clone()).await;
    let refused = |told: &Value| told["type"] == "error";
    let told = party.peer_hears("the refusal", refused).await;
    assert_eq!(told["error"], "forbidden");

    party
        .peer
        .order("request_voice", json!({ "room": room }))
        .await;
    let request = within("her request", requests.recv()).await.unwrap();
    assert_eq!(request.nick, "Juliet");
    within("the approval", party.his().approve_voice(&request))
        .await
        .unwrap();
    let speaks = |told: &Value| told["role"] == "participant";
    party.peer_sees("Juliet", "her voice", speaks).await;
    party.peer.say(order).await;
    party.romeo.message("Ay me.").await;

    let his = party.his();
    within("the grant", his.grant_voice("Tybalt", None))
        .await
        .unwrap();
    let role = |role: Role| {
        let room = room.clone();
        move |api: &Api| handle(api, &room).role().unwrap() == role
    };
    party
        .tybalt
        .holds("his voice", role(Role::Participant))
        .await;
    party
        .tybalts()
        .send_message("What noise is this?")
        .await
        .unwrap();
    party.romeo.message("What noise is this?").await;
    within("the end of it", his.revoke_voice("Tybalt", None))
        .await
        .unwrap();
    party.tybalt.holds("his silence", role(Role::Visitor)).await;
    let is_visitor = |told: &Value| told["role"] == "visitor";
    party.peer_sees("Tybalt", "his silence", is_visitor).await;
    // A moderator of slixmpp's does the same.
    let making = his.set_role("Juliet", Role::Moderator, None);
    within("her new role", making).await.unwrap();
    let order = json!({ "room": room, "nick": "Tybalt", "role": "participant" });
    party.peer.order("role", order).await;
    party
        .tybalt
        .holds("his voice again", role(Role::Participant))
        .await;
    let juliet = occupant(&party.romeo.api, &room, "Juliet").unwrap();
    assert_eq!(juliet.role, Role::Moderator);
    party.part().await;
}
