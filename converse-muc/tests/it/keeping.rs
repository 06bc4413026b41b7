//! What was said in rooms outlives the program.

use std::sync::Arc;
use std::time::Duration;

use converse_core::prelude::*;
use converse_core::router::Condition;
use converse_core::store::{MemoryStore, Store};
use converse_muc::prelude::*;
use converse_testkit::scripted::Librarian;

use crate::archive::{FEATURES, archived, live, live_text, run_archive, text};
use crate::scene::{ATRIUM, Scene, run_on, says, store};

fn bodies(room: &Room) -> Vec<String> {
    let all = room.messages().all().unwrap().into_iter();
    all.map(|message| message.body).collect()
}

fn texts(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    let texts = numbers.into_iter();
    texts.map(|number| format!("text {number}")).collect()
}

async fn a_while() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

async fn enter(scene: &Scene, archive: &Librarian) -> Room {
    let room = scene.enter_with(ATRIUM, &FEATURES).await;
    archive.asked().await.newest().last(vec![]).await;
    room
}

/// The room that was open in the run before is entered; the question what it is was not heard.
async fn enter_again(scene: &Scene) -> Room {
    let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
    scene.reconnects().await;
    scene.answers_info(ATRIUM, &FEATURES).await;
    scene.expect_join(ATRIUM, "mara").await;
    scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
    room
}

#[test]
fn messages_are_there_after_a_restart_and_the_archive_tells_the_rest() {
    let store = store();
    run_archive(&store, 1, |scene, archive| async move {
        let room = enter(&scene, &archive).await;
        // The program is killed with no time for anything.
        for number in 1..4 {
            scene.says(live_text(number)).await;
        }
        assert_eq!(bodies(&room), texts(1..4));
    });
    run_archive(&store, 2, |scene, archive| async move {
        let added = scene.hear("messageAdded");
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert_eq!(bodies(&room), texts(1..4));
        enter_again(&scene).await;
        let page = archive.asked().await.after("a3");
        scene.says(live_text(7)).await;
        page.last([4, 5, 6].map(text).into()).await;
        assert_eq!(bodies(&room), texts(1..8));
        assert_eq!(added.lock().unwrap().len(), 4);
        a_while().await;
    });
    run_archive(&store, 3, |scene, archive| async move {
        let room = enter_again(&scene).await;
        assert_eq!(bodies(&room), texts(1..8));
        archive.asked().await.after("a7").last(vec![text(7)]).await;
        assert_eq!(bodies(&room), texts(1..8));
    });
}

#[test]
fn own_messages_and_what_became_of_messages_are_there_after_a_restart() {
    let store = store();
    run_archive(&store, 1, |scene, archive| async move {
        let room = enter(&scene, &archive).await;
        let id = room.send_message("mine").await.unwrap();
        scene
            .says(live("a1", "mara", &format!("id='{id}'><body>mine</body>")))
            .await;
        scene.says(live_text(2)).await;
        let correction =
            "id='c2'><body>corrected</body><replace xmlns='urn:xmpp:message-correct:0' id='m2'/>";
        scene.says(live("a3", "pia", correction)).await;
        a_while().await;
    });
    run_archive(&store, 2, |scene, archive| async move {
        let room = enter_again(&scene).await;
        archive.nothing_follows(text(3)).await;
        assert_eq!(bodies(&room), ["mine", "corrected"]);
        let own = room.messages().get("a1").unwrap().unwrap();
        assert_eq!(
            (own.sender, own.delivery),
            (SentBy::Me, Some(Delivery::Reflected))
        );
        let other = room.messages().get("a2").unwrap().unwrap();
        assert!(other.edited.is_some());
    });
}

#[test]
fn a_sent_message_that_the_room_had_not_sent_back_is_found_in_the_archive() {
    let store = store();
    let id = Arc::new(std::sync::Mutex::new(String::new()));
    let told = Arc::clone(&id);
    run_archive(&store, 1, |scene, archive| async move {
        let room = enter(&scene, &archive).await;
        scene.says(live_text(1)).await;
        let sent = room.send_message("mine").await.unwrap();
        *told.lock().unwrap() = sent.to_string();
        a_while().await;
    });
    run_archive(&store, 2, |scene, archive| async move {
        let room = enter_again(&scene).await;
        let id = id.lock().unwrap().clone();
        let inside =
            format!("id='{id}'><body>mine</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/>");
        let page = vec![
            text(2),
            archived("a3", "09:00:03", "mara", &inside),
            text(4),
        ];
        archive.asked().await.after("a1").last(page).await;
        assert_eq!(bodies(&room), ["text 1", "text 2", "mine", "text 4"]);
        let own = room.messages().get(&id).unwrap().unwrap();
        assert_eq!(own.delivery, Some(Delivery::Reflected));
    });
}

#[test]
fn closing_a_room_keeps_its_messages() {
    let store = store();
    run_archive(&store, 1, |scene, archive| async move {
        let room = enter(&scene, &archive).await;
        scene.says(live_text(1)).await;
        room.close().await.unwrap();
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        assert_eq!(bodies(&room), texts([1]));
        room.close().await.unwrap();
    });
    run_archive(&store, 2, |scene, archive| async move {
        assert!(scene.api.rooms().all().is_empty());
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        assert_eq!(bodies(&room), texts([1]));
        archive.nothing_follows(text(1)).await;
    });
}

#[test]
fn what_the_store_has_behind_the_cursor_is_known_again() {
    let store = store();
    run_archive(&store, 1, |scene, archive| async move {
        let room = enter(&scene, &archive).await;
        scene.says(live_text(1)).await;
        let again = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert_eq!(room, again);
        scene.reconnects().await;
        scene.answers_info(ATRIUM, &FEATURES).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        // The archive does not answer any more: the cursor stays, and what comes live is kept.
        archive
            .asked()
            .await
            .after("a1")
            .refuse(Condition::RemoteServerTimeout)
            .await;
        for number in 2..200 {
            scene.says(live_text(number)).await;
        }
        a_while().await;
    });
    run_archive(&store, 2, |scene, archive| async move {
        let added = scene.hear("messageAdded");
        let room = enter_again(&scene).await;
        archive
            .asked()
            .await
            .after("a1")
            .some((2..52).map(text).collect())
            .await;
        archive
            .asked()
            .await
            .after("a51")
            .last((52..201).map(text).collect())
            .await;
        assert_eq!(bodies(&room), texts(1..201));
        assert_eq!(added.lock().unwrap().len(), 1);
    });
}

#[test]
fn messages_are_kept_with_the_program_where_the_store_is() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    run_on(&store, 1, settings! {}, |scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.says(says(ATRIUM, "pia", "><body>hi</body>")).await;
        a_while().await;
        assert_eq!(bodies(&room), ["hi"]);
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert!(bodies(&room).is_empty());
    });
}

#[test]
fn what_is_said_of_a_message_that_only_the_store_has_changes_it_there() {
    let store = store();
    let features = [FEATURES[0], FEATURES[1], "urn:xmpp:occupant-id:0"];
    let by = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='pia'/>";
    run_archive(&store, 1, |scene, archive| async move {
        scene.enter_with(ATRIUM, &features).await;
        let all = (1..121).map(|number| {
            let time = format!("09:{:02}:{:02}", number / 60, number % 60);
            let inside = format!("id='m{number}'><body>text {number}</body>{by}");
            archived(&format!("a{number}"), &time, "pia", &inside)
        });
        archive.asked().await.newest().last(all.collect()).await;
    });
    run_archive(&store, 2, |scene, archive| async move {
        let updated = scene.hear("messageUpdated");
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        scene.reconnects().await;
        scene.answers_info(ATRIUM, &features).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        archive.nothing_follows(text(120)).await;
        let correction = format!(
            "id='c'><body>corrected</body><replace xmlns='urn:xmpp:message-correct:0' id='m3'/>{by}"
        );
        scene.says(live("a121", "pia", &correction)).await;
        let retraction =
            format!("id='r'><retract xmlns='urn:xmpp:message-retract:1' id='a4'/>{by}");
        scene.says(live("a122", "pia", &retraction)).await;
        a_while().await;
        assert_eq!(updated.lock().unwrap().len(), 2);
        assert_eq!(room.messages().count().unwrap(), 50);
        room.messages().load_older(200).await.unwrap();
        let all = bodies(&room);
        assert_eq!(
            (all.len(), all[2].as_str(), all[3].as_str()),
            (120, "corrected", "")
        );
    });
}

#[test]
fn what_is_sent_again_is_known_also_if_only_the_store_has_it() {
    let store = store();
    let resent = |id: &str| {
        let inside = "id='m1'><body>text 1</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/>";
        live(id, "pia", inside)
    };
    run_archive(&store, 1, |scene, archive| async move {
        let room = enter(&scene, &archive).await;
        scene.says(resent("a1")).await;
        for number in 2..70 {
            scene.says(live_text(number)).await;
        }
        assert_eq!(room.messages().count().unwrap(), 69);
        a_while().await;
    });
    run_archive(&store, 2, |scene, archive| async move {
        let added = scene.hear("messageAdded");
        let room = enter_again(&scene).await;
        assert_eq!(bodies(&room).first().unwrap(), "text 20");
        let asked = archive.asked().await.after("a69");
        // While the archive is asked, and behind it.
        scene.says(resent("a70")).await;
        asked.last(vec![]).await;
        archive.asked().await.newest().last(vec![text(69)]).await;
        scene.says(resent("a71")).await;
        scene.says(live_text(72)).await;
        assert_eq!(bodies(&room).len(), 51);
        assert_eq!(added.lock().unwrap().len(), 1);
        while !room.messages().load_older(50).await.unwrap().is_complete {}
        assert_eq!(bodies(&room), texts((1..70).chain([72])));
    });
}
