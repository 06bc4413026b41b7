//! Whether there is an archive.

use std::time::Duration;

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Captures;

use crate::scene::{MAM, OWN, QUERY, ROOM, Scene, fin};

const UNSUPPORTED: &str = "This server does not support XEP-0313, Message Archive Management";
const DISCO: &str = "<iq type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";

async fn empty_page(scene: &Scene) {
    let (_, names) = scene.asked().await;
    scene.end(&names, &fin("complete='true'", "")).await;
}

#[test]
fn api_086_without_an_archive_the_error_says_so() {
    clock::run(async {
        let scene = Scene::of(|_| {}, settings! {}).await;
        let error = scene.refused(json!({})).await;
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.to_string(), UNSUPPORTED);

        let archive = scene.api.archive();
        let room = json!({ "with": ROOM, "groupchat": true });
        let (error, ()) = tokio::join!(archive.query(room), scene.describe(ROOM, "urn:x"));
        assert_eq!(error.unwrap_err().to_string(), UNSUPPORTED);
    });
}

#[test]
fn an_archive_that_only_the_server_announces_counts() {
    clock::run(async {
        let scene = Scene::of(
            |plan| plan.server_features.push(MAM.to_owned()),
            settings! {},
        )
        .await;
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(()), empty_page(&scene));
        page.unwrap();
    });
}

#[test]
fn api_087_a_query_waits_until_the_archive_is_known() {
    clock::run(async {
        let scene = Scene::of(
            |plan| plan.auto.retain(|what| what != "disco"),
            settings! {},
        )
        .await;
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(()), async {
            let quiet = Duration::from_millis(300);
            let names = Captures::default();
            scene
                .server
                .expect_nothing(QUERY, &names, quiet)
                .await
                .unwrap();
            scene.describe(OWN, MAM).await;
            empty_page(&scene).await;
        });
        page.unwrap();
    });
}

#[test]
fn api_087_a_query_works_when_the_service_is_announced() {
    clock::run(async {
        let scene = Scene::of(
            |plan| plan.auto.retain(|what| what != "disco"),
            settings! {},
        )
        .await;
        let (tell, told) = tokio::sync::oneshot::channel();
        let (api, tell) = (scene.api.clone(), std::sync::Mutex::new(Some(tell)));
        scene
            .api
            .listen()
            .on_sync("serviceDiscovered", move |event| {
                assert_eq!(event.arg(0)["var"], MAM);
                assert_eq!(event.arg(0)["from"], OWN);
                let tell = tell.lock().unwrap().take();
                let api = api.clone();
                actix::spawn(async move { tell.unwrap().send(api.archive().query(()).await) });
                Ok(())
            });
        // The question of the session's start is still open.
        scene.api.connection().disconnect().await.unwrap();
        scene.server.forget_sent();
        let user = scene.api.user();
        let (login, ()) = tokio::join!(user.login(()), scene.describe(OWN, MAM));
        login.unwrap();
        empty_page(&scene).await;
        told.await.unwrap().unwrap();
    });
}

#[test]
fn what_is_known_is_not_asked_again_in_a_session() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        for _ in 0..2 {
            let (page, ()) = tokio::join!(archive.query(()), empty_page(&scene));
            page.unwrap();
        }
        let quiet = Duration::from_millis(300);
        let names = Captures::default();
        let nothing = scene.server.expect_nothing(DISCO, &names, quiet);
        nothing.await.unwrap();

        scene.api.connection().disconnect().await.unwrap();
        scene.server.plan(|plan| plan.account_features.clear());
        scene.api.user().login(()).await.unwrap();
        let error = archive.query(()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    });
}
