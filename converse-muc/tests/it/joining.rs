//! The way into a room: its deadlines, its outcomes, and what is tried again.

use std::time::Duration;

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, play, play_with, presence, refusal, says};

const MINUTE: Duration = Duration::from_secs(60);

fn leave(room: &str) -> String {
    format!("<presence type='unavailable' to='{room}/mara'/>")
}

#[test]
fn a_room_that_never_answers_is_given_up_with_a_typed_error() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        // Nobody says what it is, so it is entered all the same; nobody says that the user is in it either.
        let error = room.entered().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.cause::<JoinError>(), Some(&JoinError::NoAnswer));
        scene.expect_join(ATRIUM, "mara").await;
        scene.expect(leave(ATRIUM)).await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Disconnected);
        let outcome = room.get("join_error").unwrap().unwrap();
        assert_eq!(outcome["outcome"], "no_answer");
    });
}

#[test]
fn a_room_that_never_answers_is_tried_again_until_it_does() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        room.entered().await.unwrap_err();
        scene.server.forget_sent();
        tokio::time::sleep(MINUTE).await;
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
        assert_eq!(room.join_error().unwrap(), None);
    });
}

#[test]
fn a_room_that_is_closed_is_not_tried_again() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        room.entered().await.unwrap_err();
        room.close().await.unwrap();
        scene.server.forget_sent();
        tokio::time::sleep(60 * MINUTE).await;
        scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
        scene.expect_nothing("<presence/>").await;
    });
}

#[test]
fn a_room_that_sends_its_occupants_is_waited_for() {
    play(|scene| async move {
        let room = scene.knocks().await;
        for number in 0..10 {
            tokio::time::sleep(Duration::from_secs(10)).await;
            scene.shows(ATRIUM, &format!("guest{number}"), "").await;
        }
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
        assert_eq!(room.occupants().all().unwrap().len(), 11);
    });
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_again_less_and_less_often() {
    play(|scene| async move {
        let room = scene.knocks().await;
        let unreachable = || refusal(ATRIUM, "mara", "wait", "remote-server-timeout");
        scene.says(unreachable()).await;
        let mut pauses = Vec::new();
        for _ in 0..4 {
            let start = tokio::time::Instant::now();
            let info = scene.asked_within(ATRIUM, 60 * MINUTE).await;
            pauses.push(start.elapsed());
            scene.says(no_info(&info)).await;
            scene.expect_join(ATRIUM, "mara").await;
            scene.says(unreachable()).await;
        }
        assert!(pauses.is_sorted(), "{pauses:?}");
        assert!(pauses[0] >= Duration::from_secs(15), "{pauses:?}");
        assert!(pauses[3] >= 2 * MINUTE, "{pauses:?}");
        assert_eq!(room.join_error().unwrap(), Some(JoinError::Unreachable));
    });
}

fn no_info(id: &str) -> String {
    format!(
        "<iq type='error' id='{id}' from='{ATRIUM}'><error type='wait'>\
         <remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
}

#[test]
fn who_was_not_sent_away_and_did_not_go_enters_again() {
    // The service shut down, the connection was bad, or what was left of an earlier one came to its end.
    for code in ["<status code='332'/>", "<status code='333'/>", ""] {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let gone = format!("<status code='110'/>{code}");
            let item = "affiliation='none' role='none'";
            let gone = presence(ATRIUM, "mara", "type='unavailable'", item, &gone);
            scene.says(gone).await;
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::Disconnected, "{code}");
            scene.expect_nothing("<presence/>").await;

            tokio::time::sleep(MINUTE).await;
            scene.answers_info(ATRIUM, &[]).await;
            scene.expect_join(ATRIUM, "mara").await;
            scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
            room.entered().await.unwrap();
        });
    }
}

#[test]
fn a_nick_that_what_is_left_of_the_last_visit_holds_is_tried_again() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.reconnects().await;
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene
            .says(refusal(ATRIUM, "mara", "cancel", "conflict"))
            .await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::NicknameRequired);
        assert_eq!(room.join_error().unwrap(), Some(JoinError::NickConflict));

        tokio::time::sleep(MINUTE).await;
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
    });
}

#[test]
fn on_coming_back_only_what_was_missed_is_asked_for() {
    let settings = settings! { "muc_history_max_stanzas": 30 };
    play_with(settings, |scene| async move {
        let start = scene.api.environment().clock.now();
        scene.enter(ATRIUM).await;
        let subject = "><subject/>";
        scene.says(says(ATRIUM, "pia", subject)).await;
        tokio::time::sleep(10 * MINUTE).await;
        scene.shows(ATRIUM, "rook", "").await;
        tokio::time::sleep(MINUTE).await;
        scene.reconnects().await;
        scene.answers_info(ATRIUM, &[]).await;
        // The last sign of life was after ten minutes, and a minute is left for clocks that differ.
        let since = start + chrono::TimeDelta::minutes(9);
        let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        scene
            .expect(format!(
                "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <history maxstanzas='30' since='{since}'/></x></presence>"
            ))
            .await;
    });
}

#[test]
fn what_a_visit_did_not_tell_to_the_end_is_asked_for_again() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        let old = "id='o1'><body>earlier</body><delay xmlns='urn:xmpp:delay' stamp='2026-02-28T09:00:00Z'/>";
        scene.says(says(ATRIUM, "pia", old)).await;
        scene.reconnects().await;
        scene.answers_info(ATRIUM, &[]).await;
        // The subject, which ends what was said before, had not come.
        let unwanted = format!(
            "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'><history/></x></presence>"
        );
        scene.expect_nothing(unwanted).await;
        scene.expect_join(ATRIUM, "mara").await;
    });
}

#[test]
fn what_is_left_of_an_earlier_visit_does_not_end_the_next_one() {
    play(|scene| async move {
        let room = scene.knocks().await;
        let item = "affiliation='none' role='none'";
        let left = "<status code='110'/>";
        let end = presence(ATRIUM, "mara", "type='unavailable'", item, left);
        scene.says(end).await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Connecting);
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
    });
}
