//! The attributes of a room, and putting it aside.

use converse_core::prelude::*;
use converse_muc::MucError;
use converse_muc::prelude::*;

use serde_json::Value;

use crate::scene::{ANNEX, ATRIUM, play, says};

#[test]
fn api_176_maximize_brings_a_room_back_that_was_put_aside() {
    play(|scene| async move {
        let toggled = scene.hear("chatBoxToggled");
        let room = scene.enter(ATRIUM).await;
        room.minimize().unwrap();
        scene.says(says(ATRIUM, "pia", "><body>mara?</body>")).await;
        assert_eq!(room.unread().unwrap(), 1);

        let rooms = scene.api.rooms();
        rooms.open(ATRIUM, ()).await.unwrap();
        assert_eq!(room.get("minimized").unwrap(), Some(json!(true)));
        assert!(room.is_minimized().unwrap());

        let options = RoomOptions::default().maximize(true);
        rooms.open(ATRIUM, options).await.unwrap();
        assert_eq!(room.get("minimized").unwrap(), Some(json!(false)));
        assert_eq!(room.unread().unwrap(), 0);
        let toggled = toggled.lock().unwrap();
        let states: Vec<_> = toggled.iter().map(|room| &room["minimized"]).collect();
        assert_eq!(states.len(), 2, "{states:?}");
    });
}

#[test]
fn api_177_open_always_opens_so_that_a_third_argument_says_nothing() {
    play(|scene| async move {
        // As the 3.2 document writes it: `open(jid, {nick, auto_configure, …}, true)`.
        let attributes =
            json!({ "nick": "mycustomnick", "maximize": true, "auto_configure": false });
        let options: RoomOptions = serde_json::from_value(attributes).unwrap();
        let rooms = scene.api.rooms();
        let opened = rooms.open_many([ATRIUM, ANNEX], options).await.unwrap();
        assert_eq!(rooms.all().len(), 2);
        for room in opened {
            scene.answers_info(room.jid().as_str(), &[]).await;
            scene.expect_join(room.jid().as_str(), "mycustomnick").await;
        }
    });
}

#[test]
fn what_the_application_keeps_with_a_room_is_its_own() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        assert_eq!(room.get("height").unwrap(), None);
        room.set("height", 300).unwrap();
        assert_eq!(room.get("height").unwrap(), Some(json!(300)));
        assert_eq!(json!(room)["height"], 300);
        room.set("height", Value::Null).unwrap();
        assert_eq!(room.get("height").unwrap(), None);
        assert!(json!(room).get("height").is_none());

        room.close().await.unwrap();
        let closed = room.set("height", 1).unwrap_err();
        assert_eq!(closed.kind(), ErrorKind::Closed);
    });
}

#[test]
fn minimized_is_set_like_the_calls_do() {
    play(|scene| async move {
        let toggled = scene.hear("chatBoxToggled");
        let room = scene.enter(ATRIUM).await;
        room.set("minimized", true).unwrap();
        room.set("minimized", true).unwrap();
        scene.says(says(ATRIUM, "pia", "><body>hello</body>")).await;
        assert_eq!(room.get("num_unread_general").unwrap(), Some(json!(1)));
        room.set("minimized", false).unwrap();
        assert_eq!(room.get("num_unread_general").unwrap(), Some(json!(0)));
        scene.api.bus().settle().await;
        assert_eq!(toggled.lock().unwrap().len(), 2);
    });
}

#[test]
fn what_follows_from_the_room_cannot_be_set() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for name in [
            "jid",
            "nick",
            "connection_status",
            "affiliation",
            "membersonly",
            "num_unread",
            "status_codes",
        ] {
            let error = room.set(name, "x").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name}");
            let cause = error.cause::<MucError>().unwrap();
            assert!(matches!(cause, MucError::ReadOnly { .. }), "{cause:?}");
        }
        for (name, wrong) in [
            ("minimized", json!("yes")),
            ("auto_configure", json!(1)),
            ("roomconfig", json!(7)),
        ] {
            let error = room.set(name, wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name}");
        }
        room.set("auto_configure", true).unwrap();
        assert_eq!(room.get("auto_configure").unwrap(), Some(json!(true)));
        room.set("roomconfig", json!({ "membersonly": true }))
            .unwrap();
    });
}
