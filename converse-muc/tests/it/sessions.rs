//! Rooms and sessions that end.

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, play, says};

#[test]
fn a_new_session_enters_again_and_old_messages_are_not_doubled() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene
            .says(says(ATRIUM, "pia", "id='o1'><body>earlier</body>"))
            .await;
        scene.reconnects().await;
        scene.answers_info(ATRIUM, &[]).await;
        let status = || room.connection_status().unwrap();
        assert_eq!(status(), ConnectionStatus::Connecting);
        assert!(room.occupants().all().unwrap().is_empty());
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        assert_eq!(status(), ConnectionStatus::Entered);

        let old = "id='o1'><body>earlier</body>\
            <delay xmlns='urn:xmpp:delay' stamp='2026-02-28T09:00:00Z'/>";
        scene.says(says(ATRIUM, "pia", old)).await;
        assert_eq!(room.messages().all().unwrap().len(), 1);
    });
}

#[test]
fn a_session_that_is_resumed_leaves_rooms_as_they_are() {
    play(|scene| async move {
        scene.server.plan(|plan| plan.stream_management = true);
        scene.reconnects().await;
        let room = scene.enter(ATRIUM).await;
        scene.reconnects().await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
        assert_eq!(room.occupants().count().unwrap(), 2);
        scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
    });
}

#[test]
fn without_a_session_the_user_is_in_no_room() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.api.connection().disconnect().await.unwrap();
        scene.api.bus().settle().await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Disconnected);
        assert!(room.occupants().all().unwrap().is_empty());
        // The user comes back: until then it waits.
        let id = room.send_message("anyone?").await.unwrap();
        assert_eq!(scene.api.rooms().all().len(), 1);

        scene.api.user().login(()).await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        let waiting = format!("<message to='{ATRIUM}' id='{id}'/>");
        scene.expect_nothing(&waiting).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        scene.expect(&waiting).await;
        // Who logs out does not.
        scene.api.user().logout().await.unwrap();
        scene.api.bus().settle().await;
        let sent = room.send_message("anyone?").await.unwrap_err();
        assert_eq!(sent.kind(), ErrorKind::Disconnected);
    });
}
