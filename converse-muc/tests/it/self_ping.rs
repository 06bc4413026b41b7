//! Whether the user is still in the room (XEP-0410).

use std::time::Duration;

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::scene::{ANNEX, ATRIUM, Scene, play, refusal, says};

const MINUTE: Duration = Duration::from_secs(60);

fn ping(nick: &str) -> String {
    format!(
        "<iq type='get' id='{{{{ping}}}}' to='{ATRIUM}/{nick}'><ping xmlns='urn:xmpp:ping'/></iq>"
    )
}

/// The id of the next ping, which comes within that time.
async fn pinged(scene: &Scene, within: Duration) -> String {
    let mut captures = Captures::default();
    let ping = ping("mara");
    let pinged = scene.server.expect_within(&ping, &mut captures, within);
    pinged.await.unwrap();
    captures.get("ping").unwrap().to_owned()
}

async fn expect_no_ping(scene: &Scene, within: Duration) {
    let nothing = Captures::default();
    let ping = ping("mara").replace("id='{{ping}}'", "");
    let unsent = scene.server.expect_nothing(&ping, &nothing, within).await;
    unsent.unwrap();
}

fn error(id: &str, condition: &str) -> String {
    format!(
        "<iq type='error' id='{id}' from='{ATRIUM}/mara'><error type='cancel'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
}

#[test]
fn a_silent_room_is_asked_after_a_quarter_of_an_hour() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        expect_no_ping(&scene, 14 * MINUTE).await;
        let id = pinged(&scene, 2 * MINUTE).await;
        scene
            .says(format!(
                "<iq type='result' id='{id}' from='{ATRIUM}/mara'/>"
            ))
            .await;
        scene.expect_nothing("<presence/>").await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
        expect_no_ping(&scene, 14 * MINUTE).await;
        pinged(&scene, 2 * MINUTE).await;
    });
}

#[test]
fn whatever_comes_from_the_room_is_a_sign_of_life() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        for _ in 0..3 {
            expect_no_ping(&scene, 10 * MINUTE).await;
            scene.says(says(ATRIUM, "pia", "><body>here</body>")).await;
            expect_no_ping(&scene, 10 * MINUTE).await;
            scene.shows(ATRIUM, "rook", "").await;
        }
        pinged(&scene, 16 * MINUTE).await;
    });
}

#[test]
fn other_rooms_and_errors_are_no_sign_of_life() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        expect_no_ping(&scene, 10 * MINUTE).await;
        scene.says(says(ANNEX, "pia", "><body>here</body>")).await;
        scene
            .says(refusal(ATRIUM, "pia", "wait", "remote-server-timeout"))
            .await;
        pinged(&scene, 6 * MINUTE).await;
    });
}

#[test]
fn answers_of_who_is_in_the_room_leave_everything_as_it_is() {
    for condition in [
        "service-unavailable",
        "feature-not-implemented",
        "item-not-found",
    ] {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let id = pinged(&scene, 16 * MINUTE).await;
            scene.says(error(&id, condition)).await;
            scene.expect_nothing("<presence/>").await;
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::Entered, "{condition}");
            expect_no_ping(&scene, 14 * MINUTE).await;
        });
    }
}

#[test]
fn who_fell_out_comes_back() {
    for condition in [
        "not-acceptable",
        "not-allowed",
        "bad-request",
        "internal-server-error",
    ] {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let id = pinged(&scene, 16 * MINUTE).await;
            scene.says(error(&id, condition)).await;
            scene.expect_join(ATRIUM, "mara").await;
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::Connecting, "{condition}");
            assert!(room.occupants().all().unwrap().is_empty());
            scene.shows(ATRIUM, "rook", "").await;
            scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
            room.entered().await.unwrap();
            assert_eq!(room.occupants().all().unwrap().len(), 2);
        });
    }
}

#[test]
fn nothing_is_decided_while_nobody_can_say_and_the_room_is_asked_again() {
    for condition in ["remote-server-timeout", "remote-server-not-found"] {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let id = pinged(&scene, 16 * MINUTE).await;
            scene.says(error(&id, condition)).await;
            scene.expect_nothing("<presence/>").await;
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::Entered, "{condition}");
            assert_eq!(room.get("unanswered_pings").unwrap(), Some(json!(1)));
            let id = pinged(&scene, 2 * MINUTE).await;
            scene.says(error(&id, "not-acceptable")).await;
            scene.expect_join(ATRIUM, "mara").await;
        });
    }
}

#[test]
fn a_room_that_does_not_answer_is_asked_again() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        pinged(&scene, 16 * MINUTE).await;
        pinged(&scene, 4 * MINUTE).await;
        pinged(&scene, 5 * MINUTE).await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
        assert_eq!(room.get("unanswered_pings").unwrap(), Some(json!(2)));
        scene.shows(ATRIUM, "rook", "").await;
        assert_eq!(room.get("unanswered_pings").unwrap(), Some(json!(0)));
        expect_no_ping(&scene, 14 * MINUTE).await;
    });
}

#[test]
fn an_answer_may_take_its_time() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        let id = pinged(&scene, 16 * MINUTE).await;
        tokio::time::sleep(MINUTE + MINUTE / 2).await;
        scene.says(error(&id, "not-acceptable")).await;
        scene.expect_join(ATRIUM, "mara").await;
    });
}

#[test]
fn only_the_own_occupant_answers() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let id = pinged(&scene, 16 * MINUTE).await;
        for liar in [
            format!("{ATRIUM}/pia"),
            ATRIUM.to_owned(),
            "vex@mallard.example".to_owned(),
        ] {
            let lie = error(&id, "not-acceptable");
            scene
                .says(lie.replace(&format!("{ATRIUM}/mara"), &liar))
                .await;
        }
        scene.expect_nothing("<presence/>").await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
    });
}

#[test]
fn a_change_of_nick_is_waited_for() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        expect_no_ping(&scene, 15 * MINUTE - Duration::from_secs(1)).await;
        let changes = room.set_nick("skipper");
        let waits = expect_no_ping(&scene, Duration::from_secs(15));
        let (_, ()) = tokio::join!(changes, waits);
        // Nobody waits for the change any more.
        pinged(&scene, 2 * MINUTE).await;
    });
}

#[test]
fn a_presence_that_comes_back_as_an_error_is_a_reason_to_ask() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene
            .says(refusal(ATRIUM, "mara", "cancel", "not-acceptable"))
            .await;
        let id = pinged(&scene, MINUTE).await;
        // Once is enough.
        scene
            .says(refusal(ATRIUM, "mara", "cancel", "not-acceptable"))
            .await;
        expect_no_ping(&scene, Duration::from_secs(1)).await;
        scene.says(error(&id, "not-acceptable")).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
    });
}

#[test]
fn a_message_that_comes_back_as_an_error_is_a_reason_to_ask() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let id = room.send_message("anyone?").await.unwrap();
        scene
            .says(format!(
                "<message from='{ATRIUM}' type='error' id='{id}'><error type='cancel'>\
                 <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                id = id.as_str(),
            ))
            .await;
        let id = pinged(&scene, MINUTE).await;
        scene.says(error(&id, "not-acceptable")).await;
        scene.expect_join(ATRIUM, "mara").await;
    });
}

#[test]
fn a_room_that_is_closed_is_not_asked() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        room.close().await.unwrap();
        expect_no_ping(&scene, 60 * MINUTE).await;
    });
}

#[test]
fn after_a_lost_connection_only_rooms_of_the_session_are_asked() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        scene.api.connection().disconnect().await.unwrap();
        expect_no_ping(&scene, 60 * MINUTE).await;
    });
}
