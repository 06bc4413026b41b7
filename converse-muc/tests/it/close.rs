//! `rooms.close`.

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, Scene, play, says};

async fn expect_leave(scene: &Scene, room: &str) {
    let pattern = format!("<presence type='unavailable' to='{room}/mara'/>");
    scene.expect(pattern).await;
}

#[test]
fn api_181_close_leaves_the_room_and_forgets_it() {
    play(|scene| async move {
        let closed = scene.hear("chatBoxClosed");
        let room = scene.enter(ATRIUM).await;
        scene.api.rooms().close(ATRIUM).await.unwrap();
        expect_leave(&scene, ATRIUM).await;
        assert!(scene.api.rooms().get(ATRIUM).unwrap().is_none());
        assert_eq!(room.messages().all().unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(room.entered().await.unwrap_err().kind(), ErrorKind::Closed);
        let sent = room.send_message("hello?").await;
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::Closed);
        assert_eq!(closed.lock().unwrap()[0]["type"], "chatroom");

        // What still comes from it opens nothing.
        scene.says(says(ATRIUM, "pia", "><body>late</body>")).await;
        assert!(scene.api.rooms().all().is_empty());
    });
}

#[test]
fn api_182_close_many_closes_each() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        scene.enter(ANNEX).await;
        scene.api.rooms().close_many([ATRIUM, ANNEX]).await.unwrap();
        expect_leave(&scene, ATRIUM).await;
        expect_leave(&scene, ANNEX).await;
    });
}

#[test]
fn api_183_close_all_closes_every_room() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        scene.enter(ANNEX).await;
        scene.api.rooms().close_all().await.unwrap();
        expect_leave(&scene, ATRIUM).await;
        expect_leave(&scene, ANNEX).await;
        assert!(scene.api.rooms().all().is_empty());
    });
}

#[test]
fn api_184_to_close_a_room_that_is_not_open_is_no_error() {
    play(|scene| async move {
        scene
            .api
            .rooms()
            .close("nosuch@rooms.kestrel.example")
            .await
            .unwrap();
        scene.expect_nothing("<presence type='unavailable'/>").await;
    });
}

#[test]
fn a_room_that_is_closed_while_it_is_asked_is_not_entered() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        room.close().await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_nothing("<presence/>").await;
    });
}
