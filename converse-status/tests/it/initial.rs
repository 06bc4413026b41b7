//! The initial presence (RFC 6121 §4.2).

use converse_core::contract::RosterContactsFetched;
use converse_core::prelude::*;
use converse_status::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Plan, Rule};

use crate::scene::{Scene, online};

fn initialized(status: &str) -> (String, serde_json::Value) {
    ("statusInitialized".to_owned(), json!(status))
}

#[test]
fn api_108_the_session_begins_with_the_default_state() {
    online(settings! { "auto_login": false }, |it| async move {
        assert_eq!(it.api.user().status().get().unwrap(), Status::Online);
        assert!(it.recorded().await.is_empty());
    });
    online(settings! {}, |it| async move {
        it.expect_plain().await;
        assert_eq!(it.recorded().await, [initialized("online")]);
        assert!(it.api.promises().is_resolved("statusInitialized"));
        assert_eq!(it.api.user().status().get().unwrap(), Status::Online);
    });
    online(
        settings! { "default_state": "busy", "priority": -3 },
        |it| async move {
            it.expect("<presence><show>dnd</show><priority>-3</priority></presence>")
                .await;
            assert_eq!(it.recorded().await, [initialized("dnd")]);
        },
    );
}

#[test]
fn somebody_who_is_offline_is_not_shown() {
    online(settings! { "default_state": "offline" }, |it| async move {
        it.expect_nothing("<presence/>").await;
        it.api.user().status().set("away", None).await.unwrap();
        it.expect("<presence><show>away</show></presence>").await;
    });
}

#[test]
fn it_waits_for_the_contacts_if_somebody_fetches_them() {
    clock::run(async {
        let roster = PluginDefinition::new("converse-roster", |_| Ok(()));
        let plan = Plan::new("kestrel.example");
        let it = Scene::new(plan, settings! {}, Some(roster)).await;
        assert_eq!(it.recorded().await, [initialized("online")]);
        // What is set meanwhile is what the session begins with.
        it.api.user().status().set("xa", "later").await.unwrap();
        it.expect_nothing("<presence/>").await;
        it.api.publish(RosterContactsFetched::new(0, false));
        it.expect("<presence><show>xa</show><status>later</status></presence>")
            .await;
        it.api.publish(RosterContactsFetched::new(0, true));
        it.expect_nothing("<presence/>").await;
    });
}

/// RFC 6121 §2.2, for each session anew.
#[test]
fn a_new_session_waits_for_the_contacts_again_and_a_resumed_one_for_nothing() {
    clock::run(async {
        let roster = PluginDefinition::new("converse-roster", |_| Ok(()));
        let mut plan = Plan::new("kestrel.example");
        plan.stream_management = true;
        let more = settings! { "reconnect_min": 1, "reconnect_max": 1 };
        let it = Scene::new(plan, more, Some(roster)).await;
        it.api.publish(RosterContactsFetched::new(0, true));
        it.expect_plain().await;
        it.recorded().await;

        it.server.drop_connection();
        until(&it, "reconnected").await;
        it.status().set("away", None).await.unwrap();
        it.expect("<presence><show>away</show></presence>").await;

        it.server.plan(|plan| plan.resume = false);
        it.server.forget_session();
        it.server.drop_connection();
        until(&it, "reconnected").await;
        it.expect_nothing("<presence/>").await;
        it.api.publish(RosterContactsFetched::new(0, true));
        it.expect("<presence><show>away</show></presence>").await;
    });
}

#[test]
fn a_new_session_begins_with_it_and_a_resumed_one_only_with_news() {
    clock::run(async {
        let mut plan = Plan::new("kestrel.example");
        plan.stream_management = true;
        let it = Scene::new(plan, settings! { "reconnect_min": 1 }, None).await;
        it.expect("<presence/>").await;
        it.recorded().await;

        it.server.answer_connects(Rule::Refuse);
        it.server.drop_connection();
        clock::settle().await;
        // Remembered while there is no connection.
        it.api.user().status().set("dnd", None).await.unwrap();
        it.server.answer_connects(Rule::Accept);
        it.expect("<presence><show>dnd</show></presence>").await;
        assert!(
            it.recorded()
                .await
                .iter()
                .all(|(name, _)| name != "statusInitialized")
        );

        it.server.drop_connection();
        until(&it, "reconnected").await;
        it.expect_nothing("<presence/>").await;

        it.server.plan(|plan| plan.resume = false);
        it.server.forget_session();
        it.server.drop_connection();
        it.expect("<presence><show>dnd</show></presence>").await;
        assert!(it.recorded().await.contains(&initialized("dnd")));
    });
}

async fn until(it: &Scene, name: &str) {
    while !it.recorded().await.iter().any(|(found, _)| found == name) {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
