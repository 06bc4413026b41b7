//! XEP-0308, XEP-0424, XEP-0425, XEP-0444: what becomes of what was said, where the room gives messages ids.

use converse::prelude::*;
use serde_json::json;

use super::assembly::{Assembly, bodies, handle};
use crate::client::{Host, within};

/// Whether a room has a message of which something is true.
fn has(room: &str, wanted: impl Fn(&Message) -> bool + Clone) -> impl Fn(&Api) -> bool {
    let room = room.to_owned();
    move |api| {
        let messages = handle(api, &room).messages().all().unwrap();
        messages.iter().any(&wanted)
    }
}

/// What one writes, corrects and retracts the others see so, once; and what others think of it too.
pub(crate) async fn changes(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let (room, his) = (party.room.clone(), party.his());
    let id = his.send_message("But, sift!").await.unwrap();
    let reflected = |message: &Message| message.delivery == Some(Delivery::Reflected);
    party
        .romeo
        .holds("the reflection", has(&room, reflected))
        .await;
    party.tybalt.message("But, sift!").await;
    within("the correction", his.correct(&id, "But, soft!"))
        .await
        .unwrap();
    let corrected = |message: &Message| message.body == "But, soft!" && message.edited.is_some();
    party
        .tybalt
        .holds("the correction", has(&room, corrected))
        .await;
    assert_eq!(bodies(&party.tybalts()), ["But, soft!"]);
    party.romeo.round_trip().await;
    let own = his.messages().get(&id).unwrap().unwrap();
    assert_eq!(own.edited.as_ref().map(|edit| edit.count), Some(1));

    let gives_ids = |api: &Api| {
        let info = handle(api, &room).info().unwrap();
        info.is_some_and(|info| info.has(RoomFeature::StableIds))
    };
    if gives_ids(&party.romeo.api) {
        let stanza_id = own.stanza_id.clone().unwrap();
        party.tybalts().react(&stanza_id, ["👎"]).await.unwrap();
        let reacted = |message: &Message| {
            let mut reactions = message.reactions.iter();
            reactions.any(|reaction| reaction.emoji == "👎" && reaction.by.len() == 1)
        };
        party.romeo.holds("the reaction", has(&room, reacted)).await;
        party
            .tybalts()
            .react(&stanza_id, [] as [&str; 0])
            .await
            .unwrap();
        let none = |message: &Message| message.reactions.is_empty();
        party.romeo.holds("no reaction", has(&room, none)).await;
        let answer = party
            .tybalts()
            .compose("Villain!")
            .reply_to(&own)
            .mention("Romeo");
        answer.send().await.unwrap();
        let answers = party.romeo.message("Villain!").await;
        assert_eq!(answers["reply_to"]["id"], json!(stanza_id));
    }
    within("the retraction", his.retract(&id)).await.unwrap();
    let retracted = |message: &Message| message.retracted.is_some() && message.body.is_empty();
    party
        .tybalt
        .holds("the retraction", has(&room, retracted))
        .await;
    party.romeo.round_trip().await;
    assert!(
        his.messages()
            .get(&id)
            .unwrap()
            .unwrap()
            .retracted
            .is_some()
    );
    party.part().await;
}

/// A moderator has the room take away what somebody else wrote, where it can; nobody else may.
pub(crate) async fn moderation(server: &impl Host) {
    let Some(mut party) = Assembly::inside(server, RoomConfig::new()).await else {
        return;
    };
    let room = party.room.clone();
    let spam = party.tybalts().send_message("Buy rapiers!").await.unwrap();
    party.romeo.message("Buy rapiers!").await;
    let asked = within("the request", party.his().moderate(&spam, Some("no trade"))).await;
    let info = party.his().info().unwrap().unwrap();
    let can = |feature| info.has(feature);
    if can(RoomFeature::Moderation) || can(RoomFeature::OldModeration) {
        asked.unwrap();
        let moderated = |message: &Message| message.body.is_empty() && message.moderated.is_some();
        let is_moderated = has(&room, moderated);
        party.romeo.holds("the moderation", &is_moderated).await;
        party.tybalt.holds("the moderation", &is_moderated).await;
        let own = party.his().send_message("Peace!").await.unwrap();
        party.tybalt.message("Peace!").await;
        let refused = within("the refusal", party.tybalts().moderate(&own, None)).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Stanza);
    } else {
        assert_eq!(asked.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    party.part().await;
}
