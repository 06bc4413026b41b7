//! The account's other clients, and what the server says about this one.

use converse_core::prelude::*;
use converse_status::prelude::*;

use crate::scene::{Scene, event, online};

const OTHER: &str = "from='mara@kestrel.example/phone' to='mara@kestrel.example/desk'";
const THIS: &str = "from='mara@kestrel.example/desk' to='mara@kestrel.example/desk'";

async fn login(it: &Scene) {
    it.expect("<presence/>").await;
    it.recorded().await;
}

async fn phone(it: &Scene, says: &str) {
    it.recv(&format!("<presence {OTHER}>{says}</presence>"))
        .await;
}

#[test]
fn they_are_readable_while_they_are_there() {
    online(settings! {}, |it| async move {
        login(&it).await;
        assert!(it.status().resources().unwrap().is_empty());
        phone(
            &it,
            "<show>away</show><status>train</status><priority>-7</priority>\
             <idle xmlns='urn:xmpp:idle:1' since='2026-02-01T00:00:00Z'/>",
        )
        .await;
        it.recv(&format!("<presence {THIS}/>")).await;
        it.recv("<presence from='otto@heron.example/phone'/>").await;
        let clients = it.status().resources().unwrap();
        assert_eq!(clients.len(), 1);
        assert_eq!(clients[0].resource, "phone");
        assert_eq!(clients[0].status, Status::Away);
        assert_eq!(clients[0].message.as_deref(), Some("train"));
        assert_eq!(clients[0].priority, -7);
        assert_eq!(json!(clients[0])["idle_since"], "2026-02-01T00:00:00.000Z");
        it.recv(&format!("<presence {OTHER} type='unavailable'/>"))
            .await;
        assert!(it.status().resources().unwrap().is_empty());
    });
}

#[test]
fn what_the_user_sets_there_is_taken_over_and_not_sent_again() {
    online(settings! {}, |it| async move {
        login(&it).await;
        phone(&it, "<show>dnd</show><status>In a meeting</status>").await;
        assert_eq!(it.status().get().unwrap(), Status::Dnd);
        assert_eq!(
            it.status().message().get().unwrap().as_deref(),
            Some("In a meeting")
        );
        assert_eq!(
            it.recorded().await,
            [
                event("statusChanged", "dnd"),
                event("statusMessageChanged", "In a meeting")
            ]
        );
        phone(&it, "").await;
        assert_eq!(it.status().get().unwrap(), Status::Online);
        assert_eq!(it.recorded().await, [event("statusChanged", "online")]);
        it.expect_nothing("<presence/>").await;
    });
}

#[test]
fn what_the_user_did_not_choose_there_is_not_taken_over() {
    online(settings! {}, |it| async move {
        login(&it).await;
        it.status().set("dnd", None).await.unwrap();
        it.expect("<presence/>").await;
        it.recorded().await;
        // It came, and fell asleep, and went.
        phone(&it, "").await;
        phone(
            &it,
            "<show>away</show><idle xmlns='urn:xmpp:idle:1' since='2026-02-01T00:00:00Z'/>",
        )
        .await;
        phone(&it, "").await;
        it.recv(&format!("<presence {OTHER} type='unavailable'/>"))
            .await;
        assert_eq!(it.status().get().unwrap(), Status::Dnd);
        assert!(it.recorded().await.is_empty());
    });
}

#[test]
fn who_has_not_heard_yet_what_was_set_here_does_not_take_it_back() {
    online(settings! {}, |it| async move {
        login(&it).await;
        it.status().set("chat", None).await.unwrap();
        it.expect("<presence/>").await;
        it.status().set("dnd", None).await.unwrap();
        it.expect("<presence/>").await;
        // It follows, and has something else to tell: it comes, or its capabilities have changed.
        phone(&it, "<show>chat</show>").await;
        assert_eq!(it.status().get().unwrap(), Status::Dnd);
        phone(&it, "").await;
        phone(&it, "<show>chat</show>").await;
        assert_eq!(it.status().get().unwrap(), Status::Dnd);
        // Some time later it is the user who says so.
        it.wait(5).await;
        phone(&it, "<show>chat</show>").await;
        assert_eq!(it.status().get().unwrap(), Status::Chat);
    });
}

#[test]
fn what_is_set_there_and_set_back_is_taken_over_at_once() {
    online(settings! {}, |it| async move {
        login(&it).await;
        for (show, expected) in [
            ("away", Status::Away),
            ("dnd", Status::Dnd),
            ("away", Status::Away),
        ] {
            phone(&it, &format!("<show>{show}</show>")).await;
            assert_eq!(it.status().get().unwrap(), expected);
        }
        // A third one, which has followed it only half the way.
        let tablet = OTHER.replace("mara@kestrel.example/phone", "mara@kestrel.example/tablet");
        it.recv(&format!("<presence {tablet}><show>dnd</show></presence>"))
            .await;
        assert_eq!(it.status().get().unwrap(), Status::Away);
    });
}

#[test]
fn synchronize_availability_says_whom_to_follow() {
    for (followed, expected) in [
        (json!(false), Status::Online),
        (json!("tablet"), Status::Online),
        (json!("phone"), Status::Xa),
        (json!(true), Status::Xa),
    ] {
        let more = settings! { "synchronize_availability": followed };
        online(more, |it| async move {
            login(&it).await;
            phone(&it, "<show>xa</show>").await;
            assert_eq!(it.status().get().unwrap(), expected);
        });
    }
}

#[test]
fn who_is_offline_here_stays_so() {
    online(settings! { "default_state": "offline" }, |it| async move {
        phone(&it, "<show>chat</show>").await;
        assert_eq!(it.status().get().unwrap(), Status::Offline);
    });
}

#[test]
fn what_is_taken_over_outlasts_the_automatic_status() {
    online(settings! { "auto_away": 3 }, |it| async move {
        login(&it).await;
        it.wait(3).await;
        it.expect("<presence><show>away</show></presence>").await;
        it.recorded().await;
        phone(&it, "<show>dnd</show>").await;
        assert_eq!(it.recorded().await, [event("statusChanged", "dnd")]);
        it.api.user().active();
        it.recorded().await;
        assert_eq!(it.status().get().unwrap(), Status::Dnd);
    });
}

#[test]
fn a_server_that_takes_the_presence_back_gets_it_again_but_not_in_a_loop() {
    online(settings! {}, |it| async move {
        login(&it).await;
        let gone = format!("<presence {THIS} type='unavailable'/>");
        it.recv(&gone).await;
        it.expect("<presence/>").await;
        for _ in 0..100 {
            it.recv(&gone).await;
        }
        it.wait(1).await;
        it.expect("<presence/>").await;
        it.expect_nothing("<presence/>").await;

        it.status().set("offline", None).await.unwrap();
        it.expect("<presence type='unavailable'/>").await;
        it.recv(&gone).await;
        it.expect_nothing("<presence/>").await;
    });
}

#[test]
fn others_cannot_say_that_this_client_is_gone() {
    online(settings! {}, |it| async move {
        login(&it).await;
        for from in [
            "otto@heron.example/desk",
            "mara@kestrel.example",
            "mara@kestrel.example/phone",
            "kestrel.example",
        ] {
            it.recv(&format!("<presence from='{from}' type='unavailable'/>"))
                .await;
        }
        it.recv("<presence type='unavailable'/>").await;
        it.recv(&format!("<presence {THIS} type='error'/>")).await;
        it.expect_nothing("<presence/>").await;
        phone(&it, "<show>dnd</show>").await;
        it.recv("<presence from='mara@teal.example/phone'><show>xa</show></presence>")
            .await;
        assert_eq!(it.status().get().unwrap(), Status::Dnd);
    });
}
