//! The **user.status** grouping as others see it.

use converse::prelude::*;

use crate::scene::{Events, Scene};

#[actix::test]
async fn api_109_112_contacts_see_status_and_text() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let mut seen = Events::of(
        &romeo,
        &["contactStatusChanged", "contactStatusMessageChanged"],
    );
    let juliet = scene.online("juliet").await;
    assert_eq!(
        seen.expect("contactStatusChanged").await["chat_status"],
        "online"
    );

    juliet
        .user()
        .status()
        .set("dnd", "In a meeting")
        .await
        .unwrap();
    assert_eq!(
        seen.expect("contactStatusChanged").await["chat_status"],
        "dnd"
    );
    assert_eq!(
        seen.expect("contactStatusMessageChanged").await["status"],
        "In a meeting"
    );
    let seen_by_romeo = romeo.contacts().get("juliet@localhost").unwrap().unwrap();
    assert_eq!(seen_by_romeo.chat_status, ChatStatus::Dnd);
    assert_eq!(seen_by_romeo.resources.len(), 1);

    juliet.user().status().set("offline", "").await.unwrap();
    assert_eq!(
        seen.expect("contactStatusChanged").await["chat_status"],
        "offline"
    );
    assert!(juliet.connection().connected());
    juliet.user().status().set("chat", None).await.unwrap();
    assert_eq!(
        seen.until("contactStatusChanged").await["chat_status"],
        "chat"
    );
}

#[actix::test]
async fn after_a_cut_and_a_new_session_others_see_it_again() {
    let scene = Scene::new().await;
    let unresumed = settings! { "stream_management": false, "reconnect_min": 1 };
    let juliet = scene.online_with("juliet", unresumed).await;
    juliet.user().status().set("xa", None).await.unwrap();
    let romeo = scene.online("romeo").await;
    let mut seen = Events::of(&romeo, &["contactStatusChanged"]);
    let mut own = Events::of(
        &juliet,
        &["rosterReadyAfterReconnection", "rosterContactsFetched"],
    );
    crate::scene::within(async {
        while romeo
            .contacts()
            .get("juliet@localhost")
            .unwrap()
            .unwrap()
            .chat_status
            != ChatStatus::Xa
        {
            seen.next().await;
        }
    })
    .await;

    assert_eq!(scene.server.cut("juliet"), 1);
    assert_eq!(
        seen.until("contactStatusChanged").await["chat_status"],
        "offline"
    );
    own.expect("rosterReadyAfterReconnection").await;
    own.expect("rosterContactsFetched").await;
    assert_eq!(
        seen.until("contactStatusChanged").await["chat_status"],
        "xa"
    );
}
