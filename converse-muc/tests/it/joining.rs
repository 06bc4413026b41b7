//! The way into a room: its deadlines, its outcomes, and what is tried again.

use std::time::Duration;

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::clock;

use crate::scene::{ANNEX, ATRIUM, Scene, play, play_with, presence, refusal, says};

const MINUTE: Duration = Duration::from_secs(60);

async fn knocks(scene: &Scene) -> Room {
    let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
    scene.answers_info(ATRIUM, &[]).await;
    scene.expect_join(ATRIUM, "mara").await;
    room
}

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
        let room = knocks(&scene).await;
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
fn every_refusal_has_its_outcome() {
    let outcomes = [
        ("cancel", "conflict", JoinError::NickConflict),
        ("modify", "not-acceptable", JoinError::NickNotAccepted),
        ("modify", "jid-malformed", JoinError::NickMalformed),
        (
            "auth",
            "not-authorized",
            JoinError::Password { given: false },
        ),
        ("auth", "registration-required", JoinError::MembersOnly),
        ("auth", "forbidden", JoinError::Banned),
        ("cancel", "service-unavailable", JoinError::Full),
        ("cancel", "item-not-found", JoinError::Locked),
        ("cancel", "not-allowed", JoinError::CreationRestricted),
        ("cancel", "remote-server-not-found", JoinError::Unreachable),
        ("wait", "remote-server-timeout", JoinError::Unreachable),
    ];
    for (type_, condition, outcome) in outcomes {
        play(|scene| async move {
            let changes = scene.hear("roomStatusChanged");
            let room = knocks(&scene).await;
            scene.says(refusal(ATRIUM, "mara", type_, condition)).await;
            let error = room.entered().await.unwrap_err();
            assert_eq!(error.cause::<JoinError>(), Some(&outcome), "{condition}");
            assert_eq!(room.join_error().unwrap(), Some(outcome.clone()));
            let last = changes.lock().unwrap().last().cloned().unwrap();
            assert_eq!(last["error"], json!(outcome));
            scene.expect_nothing("<presence/>").await;
        });
    }
}

#[test]
fn a_room_that_neither_tells_nor_lets_in_is_not_there() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        let id = scene.asked(ATRIUM, "").await;
        scene
            .says(format!(
                "<iq type='error' id='{id}' from='{ATRIUM}'><error type='cancel'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ))
            .await;
        scene.expect_join(ATRIUM, "mara").await;
        scene
            .says(refusal(ATRIUM, "mara", "cancel", "item-not-found"))
            .await;
        let error = room.entered().await.unwrap_err();
        assert_eq!(error.cause::<JoinError>(), Some(&JoinError::NotFound));
    });
}

#[test]
fn a_room_that_is_elsewhere_says_where_and_nobody_follows() {
    type Outcome = fn(Option<BareJid>) -> JoinError;
    let moves: [(&str, Outcome); 2] = [
        ("gone", |to| JoinError::Destroyed { to }),
        ("redirect", |to| JoinError::Redirected { to }),
    ];
    for (condition, outcome) in moves {
        play(|scene| async move {
            let room = knocks(&scene).await;
            scene
                .says(format!(
                    "<presence from='{ATRIUM}/mara' type='error'><error type='cancel'>\
                     <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:{ANNEX}?join</{condition}>\
                     </error></presence>"
                ))
                .await;
            let annex: BareJid = ANNEX.parse().unwrap();
            let error = room.entered().await.unwrap_err();
            let expected = outcome(Some(annex.clone()));
            assert_eq!(error.cause::<JoinError>(), Some(&expected));
            assert_eq!(room.moved_jid().unwrap(), Some(annex));
            scene
                .expect_nothing(format!("<presence to='{ANNEX}/mara'/>"))
                .await;
        });
    }
}

#[test]
fn a_password_is_asked_for_and_then_taken() {
    play(|scene| async move {
        let room = knocks(&scene).await;
        let refused = || refusal(ATRIUM, "mara", "auth", "not-authorized");
        scene.says(refused()).await;
        let missing = JoinError::Password { given: false };
        assert_eq!(room.join_error().unwrap(), Some(missing));

        let options = RoomOptions::default().password("wrong");
        room.join(options).await.unwrap();
        let with_password = |password| {
            format!(
                "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>{password}</password></x></presence>"
            )
        };
        scene.expect(with_password("wrong")).await;
        scene.says(refused()).await;
        let wrong = JoinError::Password { given: true };
        assert_eq!(room.join_error().unwrap(), Some(wrong));

        let options = RoomOptions::default().password("tidewrack");
        room.join(options).await.unwrap();
        scene.expect(with_password("tidewrack")).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
    });
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_again_less_and_less_often() {
    play(|scene| async move {
        let room = knocks(&scene).await;
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
fn a_service_that_shut_down_is_entered_again_when_it_is_back() {
    for code in ["332", "333"] {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let gone = format!("<status code='110'/><status code='{code}'/>");
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
fn two_hundred_rooms_are_entered_ten_at_a_time() {
    play(|scene| async move {
        let jids: Vec<String> = (100..300)
            .map(|number| format!("room{number}@rooms.kestrel.example"))
            .collect();
        let bus = scene.api.bus();
        for jid in &jids {
            let request = converse_core::contract::EnterRoom::new(jid.parse().unwrap());
            bus.call(request.nick("mara")).await.unwrap().unwrap();
        }
        clock::settle().await;
        assert_eq!(scene.api.rooms().all().len(), 200);
        for (number, jid) in jids.iter().enumerate() {
            // Whose turn has not come was not asked anything.
            if let Some(later) = jids.get(number + 10) {
                let pattern = format!("<iq to='{later}'/>");
                scene.expect_nothing_now(&pattern).await;
            }
            scene.answers_info(jid, &[]).await;
            scene.expect_join(jid, "mara").await;
            scene.shows(jid, "mara", "<status code='110'/>").await;
        }
        for room in scene.api.rooms().all() {
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::Entered);
        }
    });
}

#[test]
fn what_somebody_asks_for_does_not_wait_for_what_is_entered_by_itself() {
    play(|scene| async move {
        for number in 100..150 {
            let jid = format!("room{number}@rooms.kestrel.example");
            let request = converse_core::contract::EnterRoom::new(jid.parse().unwrap());
            let answer = scene.api.bus().call(request.nick("mara")).await;
            answer.unwrap().unwrap();
        }
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();

        // Also if it was waiting before.
        let waiting = "room149@rooms.kestrel.example";
        scene.api.rooms().open(waiting, ()).await.unwrap();
        scene.answers_info(waiting, &[]).await;
        scene.expect_join(waiting, "mara").await;
    });
}

#[test]
fn other_groupings_enter_and_leave_rooms() {
    play(|scene| async move {
        let jid: BareJid = ATRIUM.parse().unwrap();
        let enter = || converse_core::contract::EnterRoom::new(jid.clone()).nick("mara");
        let bus = scene.api.bus();
        let password = enter().password("tidewrack");
        bus.call(password).await.unwrap().unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene
            .expect(format!(
                "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>tidewrack</password></x></presence>"
            ))
            .await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;

        // In it already: nothing happens.
        bus.call(enter().nick("other")).await.unwrap().unwrap();
        scene.expect_nothing("<presence/>").await;

        let leaves = converse_core::contract::LeaveRoom::new(jid.clone());
        bus.call(leaves.clone()).await.unwrap().unwrap();
        scene.expect(leave(ATRIUM)).await;
        assert!(scene.api.rooms().all().is_empty());
        bus.call(leaves).await.unwrap().unwrap();
    });
}

#[test]
fn a_room_that_waits_its_turn_can_be_left() {
    play(|scene| async move {
        for number in 100..111 {
            let jid = format!("room{number}@rooms.kestrel.example");
            let request = converse_core::contract::EnterRoom::new(jid.parse().unwrap());
            let answer = scene.api.bus().call(request.nick("mara")).await;
            answer.unwrap().unwrap();
        }
        let last = "room110@rooms.kestrel.example";
        let leave = converse_core::contract::LeaveRoom::new(last.parse().unwrap());
        scene.api.bus().call(leave).await.unwrap().unwrap();
        for number in 100..110 {
            let jid = format!("room{number}@rooms.kestrel.example");
            scene.answers_info(&jid, &[]).await;
            scene.expect_join(&jid, "mara").await;
            scene.shows(&jid, "mara", "<status code='110'/>").await;
        }
        scene.expect_nothing(format!("<iq to='{last}'/>")).await;
        let left = format!("<presence to='{last}/mara'/>");
        scene.expect_nothing(left).await;
    });
}

#[test]
fn the_room_can_be_asked_for_the_nick_it_keeps() {
    play(|scene| async move {
        let room = knocks(&scene).await;
        scene
            .says(refusal(ATRIUM, "mara", "modify", "not-acceptable"))
            .await;
        let answers = async {
            let id = scene.asked(ATRIUM, "node='x-roomuser-item'").await;
            scene
                .says(format!(
                    "<iq type='result' id='{id}' from='{ATRIUM}'>\
                     <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'>\
                     <identity category='conference' type='text' name='skipper'/></query></iq>"
                ))
                .await;
        };
        let (nick, ()) = tokio::join!(room.reserved_nick(), answers);
        let nick = nick.unwrap().unwrap();
        room.join(nick.as_str()).await.unwrap();
        scene.expect_join(ATRIUM, "skipper").await;
    });
}

#[test]
fn what_is_left_of_an_earlier_visit_does_not_end_the_next_one() {
    play(|scene| async move {
        let room = knocks(&scene).await;
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
