//! The **bookmarks** grouping in company: rooms are entered and left as they say.

use converse::prelude::*;

use crate::scene::{Events, Scene, within};

const GARDEN: &str = "garden@conference.localhost";

/// Tells when the user is in the garden, and when the room was closed.
fn garden_events(api: &Api) -> Events {
    Events::of(api, &["roomStatusChanged", "chatBoxClosed"])
}

async fn entered(events: &mut Events) {
    while events.expect("roomStatusChanged").await["status"] != "entered" {}
}

#[actix::test]
async fn a_bookmark_of_one_client_has_the_other_enter_and_leave_the_room() {
    let scene = Scene::new().await;
    let settings = settings! { "hide_open_bookmarks": true };
    let phone = scene.online_with("romeo", settings).await;
    let desk = scene.online("romeo").await;
    for api in [&desk, &phone] {
        within(api.wait_until("bookmarksInitialized"))
            .await
            .unwrap();
    }
    let mut seen = garden_events(&phone);
    let garden = Bookmark::new(GARDEN.parse().unwrap()).nick("Romeo");
    let kept = desk.bookmarks().set(garden.autojoin(true)).await.unwrap();
    entered(&mut seen).await;
    let room = phone.rooms().get(GARDEN).unwrap().unwrap();
    assert_eq!(room.nick().unwrap().as_deref(), Some("Romeo"));
    assert_eq!(phone.bookmarks().all(), [kept]);
    assert!(phone.bookmarks().shown().unwrap().is_empty(), "it is open");
    // Who has put it down is not moved.
    assert!(desk.rooms().get(GARDEN).unwrap().is_none());
    assert_eq!(desk.bookmarks().shown().unwrap().len(), 1);

    let stay_out = |garden: &mut Bookmark| garden.autojoin = false;
    desk.bookmarks().update(GARDEN, stay_out).await.unwrap();
    seen.until("chatBoxClosed").await;
    assert!(phone.rooms().get(GARDEN).unwrap().is_none());
    assert_eq!(phone.bookmarks().shown().unwrap().len(), 1);
}

#[actix::test]
async fn rooms_are_entered_after_a_login() {
    let scene = Scene::new().await;
    let desk = scene.online("romeo").await;
    let garden = Bookmark::new(GARDEN.parse().unwrap()).nick("Romeo");
    desk.bookmarks().set(garden.autojoin(true)).await.unwrap();

    let late = Converse::initialize(scene.settings("romeo").with("auto_login", false));
    let late = late.await.unwrap();
    let mut seen = garden_events(&late);
    within(late.user().login(())).await.unwrap();
    entered(&mut seen).await;
    assert_eq!(late.rooms().all().len(), 1);
}
