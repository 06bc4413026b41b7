//! What rooms say with numbers (XEP-0045 §15.6).

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, Scene, play};

async fn entering(scene: &Scene, features: &[&str], codes: &[u16]) -> Room {
    let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
    scene.answers_info(ATRIUM, features).await;
    scene.expect_join(ATRIUM, "mara").await;
    let codes: String = codes
        .iter()
        .map(|code| format!("<status code='{code}'/>"))
        .collect();
    scene.shows(ATRIUM, "mara", &codes).await;
    room
}

fn notice(codes: &str) -> String {
    format!(
        "<message from='{ATRIUM}' to='mara@kestrel.example/desk' type='groupchat'>\
         <x xmlns='http://jabber.org/protocol/muc#user'>{codes}</x></message>"
    )
}

#[test]
fn what_everybody_should_know_on_entering_is_announced() {
    play(|scene| async move {
        let notices = scene.hear("roomNotice");
        let room = entering(&scene, &["muc_semianonymous"], &[110, 100, 170, 999]).await;
        let told = notices.lock().unwrap().clone();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["codes"], json!([100, 170]));
        assert_eq!(told[0]["chatbox"]["jid"], ATRIUM);
        assert_eq!(room.is_logged().unwrap(), Some(true));
        let info = room.info().unwrap().unwrap();
        assert!(info.has(RoomFeature::NonAnonymous) && !info.has(RoomFeature::SemiAnonymous));
        let codes = room.get("status_codes").unwrap();
        assert_eq!(codes, Some(json!([110, 100, 170, 999])));
    });
}

#[test]
fn a_nick_that_the_room_gave_is_the_own_one() {
    play(|scene| async move {
        let notices = scene.hear("roomNotice");
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "pia", "").await;
        let given = "<status code='110'/><status code='210'/>";
        scene.shows(ATRIUM, "mara the red", given).await;
        assert_eq!(room.nick().unwrap().as_deref(), Some("mara the red"));
        assert_eq!(notices.lock().unwrap()[0]["codes"], json!([210]));
    });
}

#[test]
fn changes_of_the_configuration_count_at_once_and_the_room_is_asked_for_the_rest() {
    play(|scene| async move {
        let room = entering(&scene, &["muc_semianonymous"], &[110]).await;
        let notices = scene.hear("roomNotice");
        scene.says(notice("<status code='172'/>")).await;
        let info = room.info().unwrap().unwrap();
        assert!(info.has(RoomFeature::NonAnonymous) && !info.has(RoomFeature::SemiAnonymous));
        scene.answers_info(ATRIUM, &["muc_nonanonymous"]).await;

        scene.says(notice("<status code='173'/>")).await;
        let info = room.info().unwrap().unwrap();
        assert!(!info.has(RoomFeature::NonAnonymous) && info.has(RoomFeature::SemiAnonymous));
        scene.answers_info(ATRIUM, &["muc_semianonymous"]).await;

        for (code, logged) in [(170, true), (171, false)] {
            scene
                .says(notice(&format!("<status code='{code}'/>")))
                .await;
            assert_eq!(room.is_logged().unwrap(), Some(logged));
            scene.answers_info(ATRIUM, &[]).await;
        }
        for code in [102, 103, 104, 174] {
            scene
                .says(notice(&format!("<status code='{code}'/>")))
                .await;
            scene.answers_info(ATRIUM, &["muc_hidden"]).await;
        }
        assert!(room.info().unwrap().unwrap().has(RoomFeature::Hidden));
        assert_eq!(notices.lock().unwrap().len(), 8);
    });
}

#[test]
fn an_occupant_does_not_speak_for_the_room() {
    play(|scene| async move {
        let room = entering(&scene, &["muc_semianonymous"], &[110]).await;
        let notices = scene.hear("roomNotice");
        let lie = notice("<status code='172'/>").replace(ATRIUM, &format!("{ATRIUM}/pia"));
        scene.says(lie).await;
        assert!(!room.info().unwrap().unwrap().has(RoomFeature::NonAnonymous));
        assert!(notices.lock().unwrap().is_empty());
        scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
    });
}
