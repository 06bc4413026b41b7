//! Requests and their answers.

use std::time::Duration;

use converse_core::prelude::*;
use converse_testkit::clock::settle;

use crate::scene::{Scene, play};

const VERSION: &str =
    "<iq type='get' to='ines@heron.example/x'><query xmlns='jabber:iq:version'/></iq>";
const ASKED: &str = "<iq type='get' id='{{i}}' to='ines@heron.example/x'/>";

/// A request that is under way.
fn ask(scene: &Scene, request: &'static str) -> tokio::task::JoinHandle<Result<Stanza, Error>> {
    let api = scene.api.clone();
    actix::spawn(async move { api.iq(request).await })
}

async fn pending(scene: &Scene) -> usize {
    scene
        .api
        .connection()
        .status()
        .await
        .unwrap()
        .pending_requests
}

#[test]
fn only_who_was_asked_can_answer() {
    play(async {
        let mut scene = Scene::online(|_| {}).await;
        let answer = ask(&scene, VERSION);
        scene.expect(ASKED).await;
        for liar in [
            "ines@heron.example",
            "ines@heron.example/y",
            "kestrel.example",
            "vex@mallard.example/x9",
        ] {
            scene
                .send(&format!("<iq type='result' id='{{{{i}}}}' from='{liar}'/>"))
                .await;
            scene
                .send(&format!("<iq type='error' id='{{{{i}}}}' from='{liar}'/>"))
                .await;
        }
        scene.send("<iq type='result' id='{{i}}'/>").await;
        assert!(!answer.is_finished());
        scene.send("<iq type='result' id='{{i}}' from='ines@heron.example/x'><query xmlns='jabber:iq:version'/></iq>").await;
        assert_eq!(
            answer.await.unwrap().unwrap().from().unwrap().as_str(),
            "ines@heron.example/x"
        );
        // A second answer is nobody's.
        scene
            .send("<iq type='result' id='{{i}}' from='ines@heron.example/x'/>")
            .await;
        scene.expect_nothing("<iq/>").await;
    });
}

#[test]
fn an_answer_that_does_not_come_is_given_up() {
    play(async {
        let mut scene = Scene::online(|_| {}).await;
        let start = scene.server.now();
        let answer = ask(&scene, VERSION);
        scene.expect(ASKED).await;
        assert_eq!(pending(&scene).await, 1);
        assert_eq!(
            answer.await.unwrap().unwrap_err().kind(),
            ErrorKind::Timeout
        );
        assert_eq!((scene.server.now() - start).as_secs(), 30);
        assert_eq!(pending(&scene).await, 0);
    });
}

#[test]
fn an_error_is_the_askers_error() {
    play(async {
        let mut scene = Scene::online(|_| {}).await;
        let answer = ask(&scene, VERSION);
        scene.expect(ASKED).await;
        scene
            .send(
                "<iq type='error' id='{{i}}' from='ines@heron.example/x'><error type='cancel'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            )
            .await;
        let error = answer.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        assert_eq!(
            error.cause::<StanzaError>().unwrap().condition,
            Condition::ItemNotFound
        );
    });
}

#[test]
fn a_session_that_ends_takes_its_requests_with_it() {
    play(async {
        let mut scene = Scene::online(|_| {}).await;
        let answer = ask(&scene, VERSION);
        scene.expect(ASKED).await;
        scene.cut().await;
        let start = scene.server.now();
        assert_eq!(
            answer.await.unwrap().unwrap_err().kind(),
            ErrorKind::Disconnected
        );
        assert!(scene.server.now() - start < Duration::from_secs(1));
    });
}

#[test]
fn a_session_that_is_resumed_keeps_its_requests() {
    play(async {
        let mut scene = Scene::online(|plan| plan.stream_management = true).await;
        let answer = ask(&scene, VERSION);
        scene.expect(ASKED).await;
        scene.cut().await;
        scene.let_in().await;
        assert!(!answer.is_finished());
        scene
            .send("<iq type='result' id='{{i}}' from='ines@heron.example/x'/>")
            .await;
        assert!(answer.await.unwrap().is_ok());
    });
}

#[test]
fn nobody_to_answer_is_answered_once() {
    play(async {
        let mut scene = Scene::online(|_| {}).await;
        scene.send("<iq type='set' id='u1' from='vex@mallard.example/x'><query xmlns='urn:example:unknown'/></iq>").await;
        scene
            .expect(
                "<iq type='error' id='u1' to='vex@mallard.example/x'><error type='cancel'>\
                 <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            )
            .await;
        scene
            .send("<iq type='error' id='u2' from='vex@mallard.example/x'/>")
            .await;
        settle().await;
        scene.expect_nothing("<iq/>").await;
    });
}
