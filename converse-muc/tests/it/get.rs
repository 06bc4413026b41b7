//! `rooms.get`.

use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, play};

#[test]
fn api_158_get_finds_a_joined_room() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        assert_eq!(scene.api.rooms().get(ATRIUM).unwrap(), Some(room));
    });
}

#[test]
fn api_159_get_opens_nothing() {
    play(|scene| async move {
        assert!(scene.api.rooms().get(ATRIUM).unwrap().is_none());
        scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
        assert!(scene.api.rooms().all().is_empty());
    });
}

#[test]
fn api_160_get_or_open_creates_the_room_with_a_nick() {
    play(|scene| async move {
        let options = RoomOptions::nick("dread-pirate");
        scene
            .api
            .rooms()
            .get_or_open(ATRIUM, options)
            .await
            .unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "dread-pirate").await;
    });
}

#[test]
fn api_161_get_or_open_without_a_nick_takes_the_node_of_the_own_jid() {
    play(|scene| async move {
        scene.api.rooms().get_or_open(ATRIUM, ()).await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
    });
}

#[test]
fn api_162_a_text_is_taken_as_the_nick() {
    play(|scene| async move {
        let rooms = scene.api.rooms();
        rooms.get_or_open(ATRIUM, "bloodninja").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "bloodninja").await;
    });
}

#[test]
fn api_163_all_gives_every_open_room() {
    play(|scene| async move {
        let atrium = scene.enter(ATRIUM).await;
        let annex = scene.enter(ANNEX).await;
        assert_eq!(scene.api.rooms().all(), [annex, atrium]);
    });
}

#[test]
fn api_164_get_many_keeps_the_order() {
    play(|scene| async move {
        let atrium = scene.enter(ATRIUM).await;
        let asked = [ATRIUM, ANNEX];
        let found = scene.api.rooms().get_many(asked).unwrap();
        assert_eq!(found, [Some(atrium), None]);
    });
}

#[test]
fn api_165_addresses_are_the_same_in_any_case() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let found = scene.api.rooms().get("Atrium@Rooms.Kestrel.example");
        assert_eq!(found.unwrap(), Some(room));
    });
}
