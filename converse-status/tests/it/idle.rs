//! What becomes of the status when nobody is there (settings `auto_away` and `auto_xa`).

use converse_core::prelude::*;
use converse_status::prelude::*;
use converse_testkit::scripted::{Plan, Rule};

use crate::scene::{Scene, event, online, online_with};

const IDLE: &str = "urn:xmpp:idle:1";

fn three_and_six() -> SettingsMap {
    settings! { "auto_away": 3, "auto_xa": 6 }
}

/// When a presence says that the user was there last.
fn since(presence: &Element) -> Option<String> {
    let idle = presence.child("idle", IDLE)?;
    idle.attr("since").map(|since| since.into_owned())
}

async fn login(it: &Scene) {
    it.expect("<presence/>").await;
    it.recorded().await;
}

#[test]
fn away_then_xa_then_what_was_before() {
    online(three_and_six(), |it| async move {
        login(&it).await;
        it.status().set("chat", "ask me").await.unwrap();
        it.expect("<presence><show>chat</show></presence>").await;
        it.recorded().await;

        it.wait(3).await;
        let away = it
            .expect("<presence><show>away</show><status>ask me</status></presence>")
            .await;
        assert_eq!(it.status().get().unwrap(), Status::Away);
        assert!(it.status().is_automatic().unwrap());
        assert_eq!(it.recorded().await, [event("statusChanged", "away")]);
        it.wait(3).await;
        let xa = it.expect("<presence><show>xa</show></presence>").await;
        assert_eq!(it.recorded().await, [event("statusChanged", "xa")]);
        assert_eq!(since(&away).unwrap(), "2026-03-01T00:00:00Z");
        assert_eq!(since(&away), since(&xa));
        it.wait(3600).await;
        it.expect_nothing("<presence/>").await;

        it.api.user().active();
        let back = it
            .expect("<presence><show>chat</show><status>ask me</status></presence>")
            .await;
        assert_eq!(since(&back), None);
        assert_eq!(it.recorded().await, [event("statusChanged", "chat")]);
        assert!(!it.status().is_automatic().unwrap());
        it.wait(3).await;
        it.expect("<presence><show>away</show></presence>").await;
    });
}

#[test]
fn activity_keeps_it_away_however_often_it_comes() {
    online(three_and_six(), |it| async move {
        login(&it).await;
        for _ in 0..100 {
            it.api.user().active();
            tokio::time::sleep(std::time::Duration::from_millis(290)).await;
        }
        assert!(it.recorded().await.is_empty());
        it.expect_nothing("<presence/>").await;
        assert!(it.api.user().idle().as_millis() < 1000);
    });
}

#[test]
fn nobody_hears_of_activity_more_than_once_a_second() {
    online(settings! {}, |it| async move {
        let heard = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let count = Arc::clone(&heard);
        it.api.listen().on_sync("userActive", move |_| {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(())
        });
        it.wait(5).await;
        for _ in 0..1000 {
            it.api.user().active();
        }
        it.wait(1).await;
        it.api.user().active();
        it.recorded().await;
        assert_eq!(heard.load(std::sync::atomic::Ordering::Relaxed), 2);
    });
}

#[test]
fn what_says_more_stays() {
    for status in ["dnd", "xa", "offline", "unavailable"] {
        online(three_and_six(), |it| async move {
            login(&it).await;
            it.status().set(status, None).await.unwrap();
            it.expect("<presence/>").await;
            it.recorded().await;
            it.wait(60).await;
            it.expect_nothing("<presence/>").await;
            assert_eq!(it.status().get().unwrap().as_str(), status);
            assert!(it.recorded().await.is_empty());
        });
    }
}

#[test]
fn away_by_choice_becomes_xa_and_away_again() {
    online(three_and_six(), |it| async move {
        login(&it).await;
        it.status().set("away", None).await.unwrap();
        it.expect("<presence><show>away</show></presence>").await;
        it.wait(5).await;
        it.expect_nothing("<presence/>").await;
        it.wait(1).await;
        it.expect("<presence><show>xa</show></presence>").await;
        it.api.user().active();
        it.expect("<presence><show>away</show></presence>").await;
    });
}

#[test]
fn a_status_that_is_set_takes_the_place_of_the_automatic_one_at_once() {
    online(three_and_six(), |it| async move {
        login(&it).await;
        it.wait(3).await;
        it.expect("<presence><show>away</show></presence>").await;
        it.recorded().await;
        it.status().set("dnd", None).await.unwrap();
        let presence = it.expect("<presence/>").await;
        assert_eq!(
            presence.child_text("show", "jabber:client").as_deref(),
            Some("dnd")
        );
        assert_eq!(since(&presence), None);
        it.expect_nothing("<presence/>").await;
        assert_eq!(it.recorded().await, [event("statusChanged", "dnd")]);
    });
}

#[test]
fn the_settings_can_change_at_any_time() {
    online(settings! {}, |it| async move {
        login(&it).await;
        it.wait(100).await;
        it.expect_nothing("<presence/>").await;
        it.api.settings().set("auto_away", 60).unwrap();
        it.expect("<presence><show>away</show></presence>").await;
        it.api.settings().set("share_idle_time", false).unwrap();
        let presence = it.expect("<presence><show>away</show></presence>").await;
        assert_eq!(since(&presence), None);
        it.api.settings().set("auto_away", 0).unwrap();
        it.expect_plain().await;
        it.api.settings().set("auto_away", i64::MAX).unwrap();
        it.expect_nothing("<presence/>").await;
    });
}

#[test]
fn a_session_that_comes_back_begins_as_it_is_then() {
    let mut plan = Plan::new("kestrel.example");
    plan.stream_management = true;
    let more = settings! { "reconnect_min": 1, "auto_away": 3 };
    online_with(plan, more, |it| async move {
        login(&it).await;
        it.server.answer_connects(Rule::Refuse);
        it.server.drop_connection();
        it.wait(4).await;
        assert_eq!(it.status().get().unwrap(), Status::Away);
        it.server.answer_connects(Rule::Accept);
        // Resumed: the server has another presence.
        it.expect("<presence><show>away</show></presence>").await;

        it.server.plan(|plan| plan.resume = false);
        it.server.forget_session();
        it.server.drop_connection();
        it.wait(60).await;
        let presence = it.expect("<presence><show>away</show></presence>").await;
        assert!(since(&presence).is_some());
        it.api.user().active();
        it.expect_plain().await;
    });
}

#[test]
fn without_a_session_nobody_is_away() {
    let more = settings! { "auto_login": false }.over(three_and_six());
    online(more, |it| async move {
        it.wait(60).await;
        assert_eq!(it.status().get().unwrap(), Status::Online);
        it.api.user().login(()).await.unwrap();
        it.expect_plain().await;
        it.api.user().logout().await.unwrap();
        it.recorded().await;
        it.wait(60).await;
        assert_eq!(it.status().get().unwrap(), Status::Online);
        assert!(it.recorded().await.is_empty());
    });
}
