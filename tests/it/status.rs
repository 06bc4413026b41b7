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

/// RFC 6121 §4.7.2.3 and §8.5.2.1.1: the contact sees the resource with the highest priority, and a message to the account goes
/// to those whose priority is not negative.
#[actix::test]
async fn of_two_own_resources_the_one_with_the_highest_priority_speaks_for_the_user() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let desk = at(&scene, "desk", settings! { "priority": 5 }).await;
    let phone = at(&scene, "phone", settings! { "default_state": "away" }).await;
    let shows = |status: ChatStatus, resources: usize| {
        let juliet = romeo.contacts().get("juliet@localhost").unwrap().unwrap();
        juliet.chat_status == status && juliet.resources.len() == resources
    };
    until(&romeo, || shows(ChatStatus::Online, 2)).await;

    // The other one becomes the more important one.
    phone.user().status().set_priority(6).await.unwrap();
    until(&romeo, || shows(ChatStatus::Away, 2)).await;
    // Both know of each other.
    until(&desk, || {
        let others = desk.user().status().resources().unwrap();
        others.len() == 1 && others[0].resource == "phone" && others[0].priority == 6
    })
    .await;
    until(&phone, || {
        let others = phone.user().status().resources().unwrap();
        others.len() == 1 && others[0].resource == "desk" && others[0].priority == 5
    })
    .await;

    phone.user().logout().await.unwrap();
    until(&romeo, || shows(ChatStatus::Online, 1)).await;
    until(&desk, || {
        desk.user().status().resources().unwrap().is_empty()
    })
    .await;
}

#[actix::test]
async fn a_status_that_is_set_at_one_resource_is_the_status_at_the_other() {
    let scene = Scene::new().await;
    let desk = at(&scene, "desk", settings! {}).await;
    let alone = settings! { "synchronize_availability": "desk", "default_state": "chat" };
    let phone = at(&scene, "phone", alone).await;
    let mut at_desk = Events::of(&desk, &["statusChanged", "statusMessageChanged"]);
    phone
        .user()
        .status()
        .set("dnd", "In a meeting")
        .await
        .unwrap();
    assert_eq!(at_desk.until("statusMessageChanged").await, "In a meeting");
    assert_eq!(desk.user().status().get().unwrap(), Status::Dnd);

    let mut at_phone = Events::of(&phone, &["statusChanged"]);
    desk.user().status().set("xa", None).await.unwrap();
    assert_eq!(at_phone.until("statusChanged").await, "xa");
    // It goes round no further.
    desk.bus().settle().await;
    assert_eq!(desk.user().status().get().unwrap(), Status::Xa);
    assert_eq!(phone.user().status().get().unwrap(), Status::Xa);
}

/// Auto-away with the time of the last activity (XEP-0319), the last activity on request (XEP-0012), and client state
/// indication (XEP-0352).
#[actix::test]
async fn contacts_see_that_nobody_is_there_and_may_ask_since_when() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let mut seen = crate::scene::stanzas(&romeo, Route::presence());
    let idle = settings! { "auto_away": 1, "csi_waiting_time": 1 };
    let juliet = at(&scene, "balcony", idle).await;
    let away = loop {
        let presence = crate::scene::next(&mut seen).await;
        if presence.child("idle", "urn:xmpp:idle:1").is_some() {
            break presence;
        }
    };
    let show = away.child("show", "jabber:client").unwrap();
    assert_eq!(show.text(), "away");

    let last = romeo.user().status();
    let last = last
        .last_activity("juliet@localhost/balcony")
        .await
        .unwrap();
    let ago = romeo.environment().clock.now() - last.at;
    assert!(ago.num_milliseconds() >= 1000, "{ago}");
    // Somebody whom nobody knows may not ask.
    let benvolio = scene.online("benvolio").await.user().status();
    let refused = benvolio.last_activity("juliet@localhost/balcony").await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Stanza);

    juliet.user().active();
    let back = crate::scene::next(&mut seen).await;
    assert!(back.child("show", "jabber:client").is_none());
    assert!(back.child("idle", "urn:xmpp:idle:1").is_none());
}

/// A resource of juliet's.
async fn at(scene: &Scene, resource: &str, more: SettingsMap) -> Api {
    let jid = settings! { "jid": format!("juliet@localhost/{resource}") };
    scene.online_with("juliet", more.over(jid)).await
}

/// Waits until something holds; it is looked at when a presence has come.
async fn until(api: &Api, holds: impl Fn() -> bool) {
    let mut presences = crate::scene::stanzas(api, Route::presence());
    crate::scene::within(async {
        loop {
            api.bus().settle().await;
            if holds() {
                return;
            }
            presences.recv().await.unwrap();
        }
    })
    .await;
}
