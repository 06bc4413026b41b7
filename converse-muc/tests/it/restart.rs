//! Programs that are started anew: the rooms that were open are open again.

use std::time::Duration;

use converse_core::prelude::*;
use converse_core::store::{AccountStore, Namespace, Scan};
use converse_muc::prelude::*;

use converse_testkit::scripted::Plan;

use crate::scene::{ANNEX, ATRIUM, Scene, presence, run_on, says, store};

/// What waits to be written is written.
async fn a_while() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

async fn expect_once(scene: &Scene, pattern: &str) {
    scene.expect(pattern).await;
    scene.expect_nothing(pattern).await;
}

fn opened(scene: &Scene) -> Vec<String> {
    let rooms = scene.api.rooms().all().into_iter();
    rooms.map(|room| room.jid().to_string()).collect()
}

#[test]
fn a_room_that_was_open_is_open_again_and_entered_as_before() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        let options = RoomOptions::nick("mara").password("tidewrack");
        let room = scene.api.rooms().open(ATRIUM, options).await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene
            .expect(format!("<presence to='{ATRIUM}/mara'/>"))
            .await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.set("colour", "teal").unwrap();
        room.minimize().unwrap();
        for id in ["m1", "m2"] {
            let said = format!("id='{id}'><body>mara: look</body>");
            scene.says(says(ATRIUM, "pia", &said)).await;
        }
        assert_eq!(room.unread().unwrap(), 2);
        a_while().await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
        assert_eq!(room.get("colour").unwrap(), Some(json!("teal")));
        assert!(room.is_minimized().unwrap());
        assert_eq!((room.unread().unwrap(), room.mentions().unwrap()), (2, 2));
        tokio::time::sleep(Duration::from_secs(31)).await;
        scene
            .expect(format!("<presence to='{ATRIUM}/mara'/>"))
            .await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
    });
}

#[test]
fn a_room_is_kept_as_soon_as_it_is_open_and_no_longer_than_that() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.api.rooms().open(ANNEX, "mara").await.unwrap();
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        assert_eq!(opened(&scene), [ANNEX, ATRIUM]);
        scene.api.rooms().close(ANNEX).await.unwrap();
    });
    run_on(&store, 3, settings! {}, |scene| async move {
        assert_eq!(opened(&scene), [ATRIUM]);
    });
}

#[test]
fn restored_rooms_are_announced_before_anything_that_comes_from_them() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.enter(ATRIUM).await;
        a_while().await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let heard = scene.hear("messageAdded");
        // Somebody writes who does not know that the user is not there.
        scene
            .says(says(ATRIUM, "pia", "><body>hello?</body>"))
            .await;
        assert!(heard.lock().unwrap().is_empty());
        assert_eq!(opened(&scene), [ATRIUM]);
    });
}

#[test]
fn the_password_is_kept_as_a_secret() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        let options = RoomOptions::nick("mara").password("tidewrack");
        scene.api.rooms().open(ATRIUM, options).await.unwrap();
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let account = "mara@kestrel.example".parse().unwrap();
        let kept = AccountStore::new(scene.api.store().clone(), account);
        let rooms = Namespace::new("muc.rooms", 1_000);
        let page = kept.scan(rooms, Scan::all()).await.unwrap();
        assert_eq!(page.entries.len(), 1);
        let text = String::from_utf8(page.entries[0].value.clone()).unwrap();
        assert!(text.contains("mara") && !text.contains("tidewrack"));
        tokio::time::sleep(Duration::from_secs(31)).await;
        scene
            .expect(format!(
                "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>tidewrack</password></x></presence>"
            ))
            .await;
        scene.api.rooms().close(ATRIUM).await.unwrap();
        let name = format!("muc.password/{ATRIUM}");
        assert!(kept.secret(&name).await.unwrap().is_none());
    });
}

#[test]
fn what_the_setting_names_and_was_open_is_entered_once_with_the_nick_of_the_setting() {
    let store = store();
    let rooms = || {
        let rooms = json!([{ "jid": ATRIUM, "nick": "skipper" }]);
        settings! { "auto_join_rooms": rooms }
    };
    run_on(&store, 1, rooms(), |scene| async move {
        scene.api.rooms().open(ANNEX, "mara").await.unwrap();
        a_while().await;
    });
    run_on(&store, 2, rooms(), |scene| async move {
        assert_eq!(opened(&scene), [ANNEX, ATRIUM]);
        tokio::time::sleep(Duration::from_secs(31)).await;
        expect_once(&scene, &format!("<presence to='{ATRIUM}/skipper'/>")).await;
        expect_once(&scene, &format!("<presence to='{ANNEX}/mara'/>")).await;
    });
}

#[test]
fn what_another_grouping_wants_entered_and_was_open_is_entered_once() {
    use converse_core::contract::EnterRoom;
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let bookmark = EnterRoom::new(ATRIUM.parse().unwrap()).nick("mara");
        let entered = scene.api.bus().call(bookmark).await;
        entered.unwrap().unwrap();
        tokio::time::sleep(Duration::from_secs(31)).await;
        expect_once(&scene, &format!("<presence to='{ATRIUM}/mara'/>")).await;
    });
}

#[test]
fn who_was_banned_stays_outside() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.enter(ATRIUM).await;
        let item = "affiliation='outcast' role='none'";
        let codes = "<status code='301'/><status code='110'/>";
        scene
            .says(presence(ATRIUM, "mara", "type='unavailable'", item, codes))
            .await;
        a_while().await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        assert_eq!(opened(&scene), [ATRIUM]);
        scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
        scene
            .expect_nothing(format!("<presence to='{ATRIUM}/mara'/>"))
            .await;
    });
}

#[test]
fn rooms_of_another_account_are_kept_for_it() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.api.connection().disconnect().await.unwrap();
        let bound = |plan: &mut Plan| plan.bound_jid = Some("ines@kestrel.example/desk".to_owned());
        scene.server.plan(bound);
        let other = ("ines@kestrel.example/desk", "secret");
        scene.api.user().login(other).await.unwrap();
        scene.api.bus().settle().await;
        assert!(opened(&scene).is_empty());
        scene.api.rooms().open(ANNEX, "ines").await.unwrap();
        a_while().await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        assert_eq!(opened(&scene), [ATRIUM]);
    });
}

#[test]
fn without_an_archive_the_room_is_asked_for_what_was_said_since_the_last_run() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.enter(ATRIUM).await;
        scene.says(says(ATRIUM, "pia", "><subject/>")).await;
        scene.says(says(ATRIUM, "pia", "><body>hi</body>")).await;
        a_while().await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        tokio::time::sleep(Duration::from_secs(31)).await;
        let entered = scene
            .take(&format!("<presence to='{ATRIUM}/mara'/>"))
            .await
            .to_xml();
        // A minute for clocks that differ, and less than a minute because it is not written more often.
        assert!(
            entered.contains("since='2026-02-28T23:59:00Z'"),
            "{entered}"
        );
    });
}

#[test]
fn what_cannot_be_read_is_left_alone_and_the_others_are_open() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        let account = "mara@kestrel.example".parse().unwrap();
        let kept = AccountStore::new(scene.api.store().clone(), account);
        let rooms = Namespace::new("muc.rooms", 1_000);
        kept.put(rooms, ANNEX, b"{".to_vec()).await.unwrap();
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        assert_eq!(opened(&scene), [ATRIUM]);
        scene.api.rooms().close(ATRIUM).await.unwrap();
        a_while().await;
        let account = "mara@kestrel.example".parse().unwrap();
        let kept = AccountStore::new(scene.api.store().clone(), account);
        let rooms = Namespace::new("muc.rooms", 1_000);
        assert_eq!(kept.get(rooms, ANNEX).await.unwrap().unwrap(), b"{");
        assert_eq!(kept.count(rooms).await.unwrap(), 1);
    });
}

#[test]
fn after_a_logout_that_clears_the_store_nothing_is_there() {
    let store = store();
    let clearing = || settings! { "clear_store_on_logout": true };
    run_on(&store, 1, clearing(), |scene| async move {
        scene.enter(ATRIUM).await;
        scene.says(says(ATRIUM, "pia", "><body>hi</body>")).await;
        a_while().await;
        scene.api.user().logout().await.unwrap();
        a_while().await;
        assert!(opened(&scene).is_empty());
    });
    run_on(&store, 2, clearing(), |scene| async move {
        assert!(opened(&scene).is_empty());
        let room = scene.enter(ATRIUM).await;
        assert!(room.messages().all().unwrap().is_empty());
    });
}
