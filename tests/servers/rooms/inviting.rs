//! XEP-0045 §7.8, XEP-0249: invitations in both directions, through the room and directly.

use converse::muc::InviteOptions;
use converse::prelude::*;
use serde_json::{Value, json};

use super::assembly::Assembly;
use crate::client::{Host, within};

/// The room passes invitations on, and what becomes of them.
pub(crate) async fn through_the_room(server: &impl Host) {
    let config = RoomConfig::new().members_invite(true);
    let Some(mut party) = Assembly::made(server, config).await else {
        return;
    };
    let (his, room, juliet) = (party.his(), party.room.clone(), party.peer.jid.clone());
    party.peer.order("presence", json!({ "priority": 0 })).await;
    // Invitations to her account reach her from now on.
    party.peer.order("ping", json!({})).await;
    let options = || InviteOptions::reason("masks").mediated();
    within("the invitation", his.invite(&juliet, options()))
        .await
        .unwrap();
    let invited = |told: &Value| told["invite"].is_object();
    let told = party.peer_hears("the invitation", invited).await;
    assert_eq!(told["from"], room.as_str());
    assert_eq!(told["invite"]["reason"], "masks");
    let romeo = party.romeo.jid().to_bare().to_string();
    let order = json!({ "room": room, "jid": romeo, "reason": "too late" });
    party.peer.order("decline", order).await;
    let declined = party.romeo.event("roomInviteDeclined", |_| true).await;
    assert_eq!(declined["room"], room.as_str());
    assert_eq!(declined["reason"], "too late");
    within("the invitation", his.invite(&juliet, options()))
        .await
        .unwrap();
    party.peer_hears("the second one", invited).await;
    party.enter_peer().await;

    let tybalt = party.tybalt.jid().to_bare().to_string();
    let order = json!({ "room": room, "jid": tybalt, "reason": "a feast" });
    party.peer.order("invite", order.clone()).await;
    party.tybalt.event("roomInviteReceived", |_| true).await;
    let invitation = party.tybalt.api.rooms().invitation(&room).unwrap().unwrap();
    assert!(invitation.is_mediated());
    assert_eq!(invitation.reason(), Some("a feast"));
    let declining = invitation.decline(Some("a foe is there"));
    within("the answer", declining).await.unwrap();
    let declined = |told: &Value| told["decline"].is_object();
    let told = party.peer_hears("his answer", declined).await;
    assert_eq!(told["decline"]["reason"], "a foe is there");
    party.peer.order("invite", order).await;
    party.tybalt.event("roomInviteReceived", |_| true).await;
    let invitation = party.tybalt.api.rooms().invitation(&room).unwrap().unwrap();
    let entered = within("his way in", invitation.accept("Tybalt"))
        .await
        .unwrap();
    within("his way in", entered.entered()).await.unwrap();
    party.see_each_other().await;
    party.part().await;
}

/// One client invites another, with the password.
pub(crate) async fn directly(server: &impl Host) {
    let config = RoomConfig::new().password("rosemary");
    let Some(mut party) = Assembly::made(server, config).await else {
        return;
    };
    let (his, room, juliet) = (party.his(), party.room.clone(), party.peer.full.clone());
    let options = InviteOptions::reason("masks").direct();
    within("the invitation", his.invite(&juliet, options))
        .await
        .unwrap();
    let invited = |told: &Value| told["direct_invite"].is_object();
    let told = party.peer.message("the invitation", invited).await;
    assert_eq!(told["from"], party.romeo.jid().as_str());
    let invite = &told["direct_invite"];
    assert_eq!(
        (&invite["jid"], &invite["reason"]),
        (&json!(room), &json!("masks"))
    );
    let order = json!({ "room": room, "nick": "Juliet", "password": "rosemary" });
    party.peer.order("enter", order).await;

    let order = json!({
        "room": room, "jid": party.tybalt.jid(), "reason": "a feast", "password": "rosemary",
    });
    party.peer.order("invite_directly", order).await;
    party.tybalt.event("roomInviteReceived", |_| true).await;
    let invitation = party.tybalt.api.rooms().invitation(&room).unwrap().unwrap();
    assert!(invitation.is_direct() && invitation.has_password());
    let inviter = invitation.inviter().unwrap().to_bare();
    assert_eq!(inviter.as_str(), party.peer.jid);
    let entered = within("his way in", invitation.accept("Tybalt"))
        .await
        .unwrap();
    within("his way in", entered.entered()).await.unwrap();
    party.see_each_other().await;
    party.part().await;
}
