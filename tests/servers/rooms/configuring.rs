//! XEP-0045 §10.1, §10.2: how a room is.

use converse::muc::{JoinError, RoomFeature};
use converse::prelude::*;
use serde_json::{Value, json};

use super::assembly::{Assembly, handle, has_code};
use crate::client::{Host, within};

/// What the owner says of the room is so, and everybody gets to know it, whoever the owner is.
pub(crate) async fn configurations(server: &impl Host) {
    let config = RoomConfig::new().name("The garden").public(true);
    let Some(mut party) = Assembly::inside(server, config).await else {
        return;
    };
    let (his, room) = (party.his(), party.room.clone());
    let found = within("the configuration", his.configuration())
        .await
        .unwrap();
    assert_eq!(found.name(), Some("The garden"));
    assert_eq!(found.public(), Some(true));
    // Prosody says nothing where nobody has said anything.
    assert_ne!(found.members_only(), Some(true));
    let config = RoomConfig::new()
        .name("The orchard")
        .description("Below a balcony")
        .moderated(true);
    within("the change", his.configure(config)).await.unwrap();
    let found = within("the configuration", his.configuration())
        .await
        .unwrap();
    assert_eq!(found.name(), Some("The orchard"));
    assert_eq!(found.moderated(), Some(true));
    assert_eq!(found.public(), Some(true), "nobody has changed that");
    let is = |name: &'static str, moderated: bool| {
        let room = room.clone();
        move |api: &Api| {
            let info = handle(api, &room).info().unwrap();
            info.is_some_and(|info| {
                info.name.as_deref() == Some(name) && info.has(RoomFeature::Moderated) == moderated
            })
        }
    };
    party
        .tybalt
        .holds("the change", is("The orchard", true))
        .await;
    let changed = |told: &Value| has_code(told, 104);
    party.peer_hears("that it was changed", changed).await;
    let juliet = party.peer.jid.clone();
    let making = his.set_affiliation(&juliet, Affiliation::Owner, None);
    within("her ownership", making).await.unwrap();
    let fields = json!({ "roomname": "The tomb", "moderatedroom": false });
    let order = json!({ "room": room, "fields": fields });
    party.peer.order("configure", order).await;
    party.romeo.holds("her change", is("The tomb", false)).await;
    party
        .tybalt
        .holds("her change", is("The tomb", false))
        .await;
    // Who is no owner does not get to see it.
    let refused = within("the refusal", party.tybalts().configuration()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Stanza);
    party.part().await;
}

/// Who does not belong to a room that becomes one for members has to go, and comes back as a member.
pub(crate) async fn closed_rooms(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let (his, juliet) = (party.his(), party.peer.jid.clone());
    let making = his.set_affiliation(&juliet, Affiliation::Member, None);
    within("her membership", making).await.unwrap();
    let config = RoomConfig::new().members_only(true);
    within("the change", his.configure(config)).await.unwrap();
    let tybalts = party.tybalts();
    party
        .tybalt
        .holds("that he is out", |_| {
            tybalts.connection_status().unwrap() == ConnectionStatus::Disconnected
        })
        .await;
    // Prosody tells nobody but him that he had to go.
    tybalts.join(()).await.unwrap();
    within("the refusal", tybalts.entered()).await.unwrap_err();
    assert_eq!(tybalts.join_error().unwrap(), Some(JoinError::MembersOnly));
    let tybalt = party.tybalt.jid().to_bare().to_string();
    let making = his.set_affiliation(&tybalt, Affiliation::Member, None);
    within("his membership", making).await.unwrap();
    tybalts.join(()).await.unwrap();
    within("his way back", tybalts.entered()).await.unwrap();
    party.see_each_other().await;
    let members = within("the members", his.affiliations(Affiliation::Member)).await;
    let mut members: Vec<String> = members
        .unwrap()
        .iter()
        .map(|one| one.jid.to_string())
        .collect();
    members.sort();
    let mut expected = [juliet, tybalt];
    expected.sort();
    assert_eq!(members, expected);
    party.part().await;
}
