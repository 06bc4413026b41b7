//! `rooms.open`.

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, Scene, play, play_with, refusal};

#[test]
fn api_166_open_gives_the_room_and_begins_to_enter_it() {
    play(|scene| async move {
        let opened = scene.hear("chatRoomOpened");
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        let status = || room.connection_status().unwrap();
        assert_eq!(status(), ConnectionStatus::Connecting);
        assert_eq!(opened.lock().unwrap().len(), 1);
        assert_eq!(opened.lock().unwrap()[0]["jid"], ATRIUM);

        scene
            .answers_info(ATRIUM, &["muc_membersonly", "muc_moderated"])
            .await;
        scene.expect_join(ATRIUM, "mara").await;
        let info = room.info().unwrap().unwrap();
        assert_eq!(info.name.as_deref(), Some("A room"));
        assert!(info.has(RoomFeature::MembersOnly) && info.has(RoomFeature::Moderated));
        assert!(!info.has(RoomFeature::Open));
        assert_eq!(room.get("membersonly").unwrap(), Some(json!(true)));
        assert_eq!(status(), ConnectionStatus::Connecting);

        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        assert_eq!(status(), ConnectionStatus::Entered);
        assert_eq!(room.role().unwrap(), Role::Participant);
        assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
    });
}

#[test]
fn api_167_open_enters_with_the_nick_that_is_given() {
    play(|scene| async move {
        let options = RoomOptions::nick("mycustomnick").password("tidewrack");
        scene.api.rooms().open(ATRIUM, options).await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene
            .expect(format!(
                "<presence to='{ATRIUM}/mycustomnick'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>tidewrack</password></x></presence>"
            ))
            .await;
    });
}

#[test]
fn api_168_open_many_enters_all_of_them() {
    play(|scene| async move {
        let rooms = scene
            .api
            .rooms()
            .open_many([ATRIUM, ANNEX], "mara")
            .await
            .unwrap();
        assert_eq!(rooms.len(), 2);
        for (room, jid) in rooms.iter().zip([ATRIUM, ANNEX]) {
            assert_eq!(room.jid().as_str(), jid);
            scene.answers_info(jid, &[]).await;
            scene.expect_join(jid, "mara").await;
        }
    });
}

#[test]
fn api_169_the_open_rooms_are_those_of_all() {
    play(|scene| async move {
        assert!(scene.api.rooms().all().is_empty());
        let room = scene.enter(ATRIUM).await;
        assert_eq!(scene.api.rooms().all(), [room]);
    });
}

#[test]
fn api_170_a_room_that_is_open_is_not_entered_twice() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let again = scene
            .api
            .rooms()
            .open("ATRIUM@rooms.kestrel.example", "other")
            .await;
        assert_eq!(again.unwrap(), room);
        scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
        scene.expect_nothing("<presence/>").await;
        assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
    });
}

#[test]
fn api_171_with_muc_nickname_from_jid_the_nick_is_the_node_and_then_a_number() {
    play_with(
        settings! { "muc_nickname_from_jid": true },
        |scene| async move {
            let room = scene.api.rooms().open(ATRIUM, ()).await.unwrap();
            scene.answers_info(ATRIUM, &[]).await;
            scene.expect_join(ATRIUM, "mara").await;
            scene
                .says(refusal(ATRIUM, "mara", "cancel", "conflict"))
                .await;
            scene.expect_join(ATRIUM, "mara-2").await;
            scene
                .says(refusal(ATRIUM, "mara-2", "cancel", "conflict"))
                .await;
            scene.expect_join(ATRIUM, "mara-3").await;
            scene.shows(ATRIUM, "mara-3", "<status code='110'/>").await;
            assert_eq!(room.nick().unwrap().as_deref(), Some("mara-3"));
        },
    );
}

#[test]
fn api_171_no_more_than_ten_nicks_are_tried() {
    play_with(
        settings! { "muc_nickname_from_jid": true },
        |scene| async move {
            let room = scene.api.rooms().open(ATRIUM, ()).await.unwrap();
            scene.answers_info(ATRIUM, &[]).await;
            scene
                .says(refusal(ATRIUM, "mara", "cancel", "conflict"))
                .await;
            for number in 2..=10 {
                let nick = format!("mara-{number}");
                scene.expect_join(ATRIUM, &nick).await;
                scene
                    .says(refusal(ATRIUM, &nick, "cancel", "conflict"))
                    .await;
            }
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::NicknameRequired);
            scene
                .expect_nothing(format!("<presence to='{ATRIUM}/mara-11'/>"))
                .await;
        },
    );
}

async fn asks_for_reserved_nick(scene: &Scene, answer: &str) -> Room {
    let room = scene.api.rooms().open(ATRIUM, ()).await.unwrap();
    scene.answers_info(ATRIUM, &[]).await;
    let id = scene.asked(ATRIUM, "node='x-roomuser-item'").await;
    let answer = answer.replace("ID", &id).replace("ROOM", ATRIUM);
    scene.says(answer).await;
    room
}

const NO_NICK: &str = "<iq type='result' id='ID' from='ROOM'>\
    <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>";

#[test]
fn api_171_without_a_nick_the_room_is_asked_for_the_one_it_keeps() {
    play_with(settings! { "nickname": "unused" }, |scene| async move {
        let answer = "<iq type='result' id='ID' from='ROOM'>\
            <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'>\
            <identity category='conference' type='text' name='skipper'/></query></iq>";
        asks_for_reserved_nick(&scene, answer).await;
        scene.expect_join(ATRIUM, "skipper").await;
    });
}

#[test]
fn api_171_the_setting_nickname_comes_after_the_rooms_own() {
    play_with(settings! { "nickname": "mate" }, |scene| async move {
        asks_for_reserved_nick(&scene, NO_NICK).await;
        scene.expect_join(ATRIUM, "mate").await;
    });
}

#[test]
fn api_171_without_any_nick_somebody_has_to_choose() {
    play(|scene| async move {
        let changes = scene.hear("roomStatusChanged");
        let room = asks_for_reserved_nick(&scene, NO_NICK).await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::NicknameRequired);
        let last = changes.lock().unwrap().last().cloned().unwrap();
        assert_eq!(last["status"], "nickname_required");
        scene.expect_nothing("<presence/>").await;

        room.join("late").await.unwrap();
        scene.expect_join(ATRIUM, "late").await;
    });
}

#[test]
fn api_178_what_cannot_be_a_room_is_refused_before_anything_is_sent() {
    play(|scene| async move {
        for (jid, nick) in [
            ("nope", "mara"),
            ("rooms.kestrel.example", "mara"),
            ("@@@", "mara"),
            (ATRIUM, ""),
        ] {
            let opened = scene.api.rooms().open(jid, nick).await;
            assert_eq!(
                opened.unwrap_err().kind(),
                ErrorKind::InvalidArgument,
                "{jid}"
            );
        }
        assert!(scene.api.rooms().all().is_empty());
        scene
            .expect_nothing(
                "<iq type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
            )
            .await;
    });
}

#[test]
fn api_179_without_allow_muc_there_are_no_rooms() {
    play_with(settings! { "allow_muc": false }, |scene| async move {
        let error = scene.api.rooms().open(ATRIUM, "mara").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("allow_muc"));
        assert!(
            !scene
                .api
                .features()
                .contains("http://jabber.org/protocol/muc")
        );
    });
}

#[test]
fn api_180_without_a_session_nothing_is_opened() {
    play(|scene| async move {
        scene.api.connection().disconnect().await.unwrap();
        let error = scene.api.rooms().open(ATRIUM, "mara").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        assert!(scene.api.rooms().all().is_empty());
    });
}

#[test]
fn the_panel_is_there_once_rooms_can_be_opened() {
    play(|scene| async move {
        scene.api.wait_until("roomsPanelRendered").await.unwrap();
        assert!(
            scene
                .api
                .features()
                .contains("http://jabber.org/protocol/muc")
        );
        scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
    });
}

#[test]
fn only_the_room_itself_says_what_it_is() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        let id = scene.asked(ATRIUM, "").await;
        for liar in [
            ANNEX.to_owned(),
            format!("{ATRIUM}/pia"),
            "vex@mallard.example".to_owned(),
        ] {
            scene
                .says(format!(
                    "<iq type='result' id='{id}' from='{liar}'><query xmlns='http://jabber.org/protocol/disco#info'>\
                     <identity category='conference' type='text' name='Evil'/></query></iq>"
                ))
                .await;
        }
        assert_eq!(room.info().unwrap(), None);
        scene
            .expect_nothing(format!("<presence to='{ATRIUM}/mara'/>"))
            .await;
    });
}

#[test]
fn the_setting_says_how_much_history_is_wanted() {
    play_with(
        settings! { "muc_history_max_stanzas": 0 },
        |scene| async move {
            scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
            scene.answers_info(ATRIUM, &[]).await;
            scene
                .expect(format!(
                    "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <history maxstanzas='0'/></x></presence>"
                ))
                .await;
        },
    );
}
