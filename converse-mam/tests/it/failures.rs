//! Queries without a result.

use std::time::Duration;

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;
use tokio::time::Instant;

use crate::scene::{Scene, fin, ids};

#[test]
fn api_088_an_error_of_the_archive_keeps_its_condition() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let (error, ()) = tokio::join!(archive.query(json!({ "after": "gone" })), async {
            let (_, names) = scene.asked().await;
            let xml = "<iq type='error' id='{{i}}'><error type='cancel'>\
                <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
            scene.send(&names, xml).await;
        });
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        let cause: &StanzaError = error.cause().unwrap();
        assert_eq!(cause.condition, Condition::ItemNotFound);
    });
}

#[test]
fn api_089_a_silent_archive_ends_the_query_at_its_deadline() {
    clock::run(async {
        let scene = Scene::of(
            |plan| plan.account_features.push("urn:xmpp:mam:2".to_owned()),
            settings! { "message_archiving_timeout": 2500 },
        )
        .await;
        let begun = Instant::now();
        let error = scene.api.archive().query(()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(begun.elapsed().as_millis() / 100, 25);
        let status = scene.api.connection().status().await.unwrap();
        assert_eq!(status.pending_requests, 0);

        // What comes late disturbs nobody.
        let (_, names) = scene.asked().await;
        scene.give_own(&names, "1").await;
        scene.end(&names, &fin("", "")).await;
        clock::settle().await;
        assert!(scene.api.connection().connected());
    });
}

#[test]
fn the_deadline_is_that_of_the_whole_query() {
    clock::run(async {
        let scene = Scene::of(
            |plan| plan.auto.retain(|what| what != "disco"),
            settings! {},
        )
        .await;
        let begun = Instant::now();
        let archive = scene.api.archive();
        let (error, ()) = tokio::join!(archive.query(()), async {
            tokio::time::sleep(Duration::from_secs(7)).await;
            scene
                .describe("mara@kestrel.example", "urn:xmpp:mam:2")
                .await;
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(begun.elapsed().as_secs(), 8);
    });
}

#[test]
fn api_090_without_a_session_there_is_an_error_at_once() {
    clock::run(async {
        let scene = Scene::new().await;
        scene.api.connection().disconnect().await.unwrap();
        let begun = Instant::now();
        let error = scene.api.archive().query(()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_query_ends_with_its_session() {
    clock::run(async {
        let scene = Scene::new().await;
        let (archive, connection) = (scene.api.archive(), scene.api.connection());
        let (error, ()) = tokio::join!(archive.query(()), async {
            scene.asked().await;
            connection.disconnect().await.unwrap();
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn an_answer_that_ends_nothing_is_an_error() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let (error, ()) = tokio::join!(archive.query(()), async {
            let (_, names) = scene.asked().await;
            scene.end(&names, "").await;
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidResponse);
    });
}

/// While a plugin keeps the session waiting, answers overtake messages; a page is whole all the same.
#[test]
fn a_page_is_whole_when_its_answer_overtakes_it() {
    clock::run(async {
        let scene = Scene::of(
            |plan| plan.account_features.push("urn:xmpp:mam:2".to_owned()),
            settings! { "inbox_capacity": 4 },
        )
        .await;
        let route = Route::message().with_child("body", "jabber:client");
        let slow = |_| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(())
        };
        scene.api.hear(route, slow).unwrap();
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(()), async {
            let (_, names) = scene.asked().await;
            for _ in 0..20 {
                scene
                    .server
                    .say("<message from='otto@heron.example/oar'><body>x</body></message>")
                    .unwrap();
            }
            clock::settle().await;
            assert!(
                !scene.api.bus().pressure().is_open(),
                "the plugin is behind"
            );
            scene.give_own(&names, "1").await;
            scene.give_own(&names, "2").await;
            let set = "<first>1</first><last>2</last><count>2</count>";
            scene.end(&names, &fin("complete='true'", set)).await;
        });
        assert_eq!(ids(&page.unwrap()), ["1", "2"]);
    });
}
