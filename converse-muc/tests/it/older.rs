//! What was said before what is here.

use std::sync::Arc;

use converse_core::prelude::*;
use converse_core::router::Condition;
use converse_core::store::{MemoryStore, Store};
use converse_muc::Older;
use converse_muc::prelude::*;
use converse_testkit::scripted::Librarian;

use crate::archive::{FEATURES, live_text, play_archive, run_archive, text};
use crate::scene::{ATRIUM, Scene, run_on, says, store};

fn bodies(room: &Room) -> Vec<String> {
    let all = room.messages().all().unwrap().into_iter();
    all.map(|message| message.body).collect()
}

fn texts(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    let texts = numbers.into_iter();
    texts.map(|number| format!("text {number}")).collect()
}

/// Enters a room of whose archive only the newest three messages are here: 8, 9 and 10.
async fn enter(scene: &Scene, archive: &Librarian) -> Room {
    let room = scene.enter_with(ATRIUM, &FEATURES).await;
    let newest = archive.asked().await.newest();
    newest.some((8..11).map(text).collect()).await;
    assert!(room.messages().has_gaps().unwrap());
    room
}

fn older(room: &Room, count: usize) -> tokio::task::JoinHandle<Result<Older, Error>> {
    let messages = room.messages();
    tokio::spawn(async move { messages.load_older(count).await })
}

#[test]
fn what_is_missing_comes_from_the_archive_until_nothing_is_missing() {
    play_archive(|scene, archive| async move {
        let room = enter(&scene, &archive).await;
        let call = older(&room, 4);
        let page = archive.asked().await.before("a8");
        assert_eq!(page.request.max, 4);
        page.some((4..8).map(text).collect()).await;
        let first = call.await.unwrap().unwrap();
        assert_eq!((first.added, first.is_complete), (4, false));
        assert_eq!(bodies(&room), texts(4..11));

        let call = older(&room, 50);
        archive
            .asked()
            .await
            .before("a4")
            .last((1..4).map(text).collect())
            .await;
        let rest = call.await.unwrap().unwrap();
        assert_eq!((rest.added, rest.is_complete), (3, true));
        assert_eq!(bodies(&room), texts(1..11));
        assert!(!room.messages().has_gaps().unwrap());
        let nothing = room.messages().load_older(50).await.unwrap();
        assert_eq!((nothing.added, nothing.is_complete), (0, true));
        archive.expect_nothing().await;
    });
}

#[test]
fn what_is_missing_is_still_known_to_be_missing_when_the_archive_fails() {
    play_archive(|scene, archive| async move {
        let room = enter(&scene, &archive).await;
        let call = older(&room, 50);
        archive
            .asked()
            .await
            .refuse(Condition::InternalServerError)
            .await;
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        assert!(room.messages().has_gaps().unwrap());
        // A page that it gave before makes no progress.
        let call = older(&room, 50);
        archive
            .asked()
            .await
            .before("a8")
            .some([6, 7].map(text).into())
            .await;
        archive
            .asked()
            .await
            .before("a6")
            .some([6, 7].map(text).into())
            .await;
        let partly = call.await.unwrap().unwrap();
        assert_eq!((partly.added, partly.is_complete), (2, false));
        let call = older(&room, 50);
        archive.asked().await.before("a6").some(vec![]).await;
        let oldest = archive.asked().await.oldest();
        assert_eq!(oldest.request.max, 1);
        oldest.some(vec![text(6)]).await;
        drop(call.await.unwrap());
        assert_eq!(bodies(&room), texts(6..11));
    });
}

#[test]
fn that_nothing_is_older_is_not_believed_if_the_oldest_message_is_unknown() {
    play_archive(|scene, archive| async move {
        let room = enter(&scene, &archive).await;
        let call = older(&room, 50);
        // The archive has forgotten the message and does not say so.
        archive.asked().await.before("a8").last(vec![]).await;
        archive.asked().await.oldest().some(vec![text(1)]).await;
        // Only its time tells where to look.
        let page = archive.asked().await.newest();
        assert_eq!(
            page.request.end,
            text(8).time.map(|time| time + chrono::TimeDelta::days(1))
        );
        page.last([1, 2, 7, 9, 10].map(text).into()).await;
        let older = call.await.unwrap().unwrap();
        assert_eq!((older.added, older.is_complete), (3, true));
        assert_eq!(bodies(&room), texts([1, 2, 7, 8, 9, 10]));
    });
}

#[test]
fn a_gap_in_the_middle_is_filled_first_and_in_its_place() {
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        archive
            .asked()
            .await
            .newest()
            .last([1, 2].map(text).into())
            .await;
        scene.reconnects().await;
        scene.answers_info(ATRIUM, &FEATURES).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        // The archive has forgotten where we were, and soon says nothing more.
        let gone = Condition::ItemNotFound;
        archive.asked().await.after("a2").refuse(gone).await;
        let newest = archive.asked().await.newest();
        newest.some([9, 10].map(text).into()).await;
        let silent = Condition::RemoteServerTimeout;
        archive.asked().await.before("a9").refuse(silent).await;
        assert_eq!(bodies(&room), texts([1, 2, 9, 10]));
        scene.says(live_text(11)).await;

        let call = older(&room, 50);
        archive
            .asked()
            .await
            .before("a9")
            .some([5, 6, 7, 8].map(text).into())
            .await;
        archive
            .asked()
            .await
            .before("a5")
            .some([1, 2, 3, 4].map(text).into())
            .await;
        let filled = call.await.unwrap().unwrap();
        assert_eq!((filled.added, filled.is_complete), (6, true));
        assert_eq!(bodies(&room), texts(1..12));
    });
}

#[test]
fn the_store_has_what_is_older_and_needs_no_session() {
    let store = store();
    run_archive(&store, 1, |scene, archive| async move {
        scene.enter_with(ATRIUM, &FEATURES).await;
        let page = archive.asked().await.newest();
        page.last((1..121).map(text).collect()).await;
    });
    run_archive(&store, 2, |scene, archive| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert_eq!(bodies(&room), texts(71..121));
        scene.api.connection().disconnect().await.unwrap();
        let older = room.messages().load_older(30).await.unwrap();
        assert_eq!((older.added, older.is_complete), (30, false));
        assert_eq!(bodies(&room), texts(41..121));
        let older = room.messages().load_older(100).await.unwrap();
        assert_eq!((older.added, older.is_complete), (40, true));
        assert_eq!(bodies(&room), texts(1..121));
        archive.expect_nothing().await;
    });
}

#[test]
fn gaps_are_known_after_a_restart() {
    let store = store();
    run_archive(&store, 1, |scene, archive| async move {
        enter(&scene, &archive).await;
    });
    run_archive(&store, 2, |scene, archive| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert!(room.messages().has_gaps().unwrap());
        let call = older(&room, 50);
        archive
            .asked()
            .await
            .before("a8")
            .last([6, 7].map(text).into())
            .await;
        assert!(call.await.unwrap().unwrap().is_complete);
        assert_eq!(bodies(&room), texts(6..11));
    });
    run_archive(&store, 3, |scene, _| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert!(!room.messages().has_gaps().unwrap());
        assert_eq!(bodies(&room), texts(6..11));
    });
}

#[test]
fn words_are_found_in_all_that_was_said() {
    let store = store();
    run_archive(&store, 1, |scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let page = archive.asked().await.newest();
        page.last((1..121).map(text).collect()).await;
        let found = room.messages().search("TEXT 7", 100).await.unwrap();
        assert_eq!(found.len(), 11);
        assert_eq!(found[0].body, "text 79");
    });
    run_archive(&store, 2, |scene, _| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        let found = room.messages().search("text 3", 3).await.unwrap();
        let bodies: Vec<_> = found.iter().map(|message| message.body.as_str()).collect();
        assert_eq!(bodies, ["text 39", "text 38", "text 37"]);
        assert_eq!(room.messages().count().unwrap(), 50);
    });
}

#[test]
fn words_are_found_without_a_store_too() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    run_on(&store, 1, settings! {}, |scene| async move {
        let room = scene.enter(ATRIUM).await;
        for body in ["But, soft!", "what light", "through yonder window"] {
            let said = format!("><body>{body}</body>");
            scene.says(says(ATRIUM, "pia", &said)).await;
        }
        let found = room.messages().search("WHAT li", 9).await.unwrap();
        assert_eq!(found.len(), 1);
        assert!(room.messages().search("dark", 9).await.unwrap().is_empty());
        let older = room.messages().load_older(9).await.unwrap();
        assert_eq!((older.added, older.is_complete), (0, true));
    });
}
