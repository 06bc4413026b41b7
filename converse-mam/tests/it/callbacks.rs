//! The form of the 3.2 document: one callback for the messages and one for errors.

use std::sync::mpsc;

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;
use serde_json::Value;

use crate::scene::{Scene, fin};

/// What the callbacks hear.
type Heard = mpsc::Receiver<Result<(Vec<String>, Rsm), Error>>;

fn query(scene: &Scene, query: Value) -> Heard {
    let (tell, heard) = mpsc::channel();
    let told = tell.clone();
    scene.api.archive().query_then(
        query,
        move |messages, rsm| {
            let ids = messages.into_iter().map(|message| message.archive_id);
            told.send(Ok((ids.collect(), rsm))).unwrap();
        },
        move |error| tell.send(Err(error)).unwrap(),
    );
    heard
}

async fn answer(scene: &Scene) -> Element {
    let (asked, names) = scene.asked().await;
    scene.give_own(&names, "1").await;
    let set = "<first index='0'>1</first><last>1</last><count>1</count>";
    scene.end(&names, &fin("", set)).await;
    clock::settle().await;
    asked
}

#[test]
fn api_072_a_callback_gets_messages_and_rsm() {
    clock::run(async {
        let scene = Scene::new().await;
        let heard = query(&scene, Value::Null);
        let asked = answer(&scene).await;
        let payload = asked.children().next().unwrap();
        assert_eq!(payload.children().count(), 0, "no form");
        let (ids, rsm) = heard.recv().unwrap().unwrap();
        assert_eq!(ids, ["1"]);
        assert_eq!(rsm.count, Some(1));
        assert!(heard.recv().is_err(), "one callback, once");
    });
}

#[test]
fn api_072_an_errback_hears_errors_and_only_those() {
    clock::run(async {
        let scene = Scene::of(|_| {}, settings! {}).await;
        for (options, kind) in [
            (Value::Null, ErrorKind::Unsupported),
            (
                json!({ "start": "some other day" }),
                ErrorKind::InvalidArgument,
            ),
        ] {
            let heard = query(&scene, options);
            clock::settle().await;
            assert_eq!(heard.recv().unwrap().unwrap_err().kind(), kind);
            assert!(heard.recv().is_err(), "one callback, once");
        }
    });
}

#[test]
fn api_083_a_callback_can_ask_on() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let (tell, heard) = mpsc::channel();
        scene.api.archive().query_then(
            json!({ "with": "otto@heron.example", "max": 1 }),
            move |_, mut rsm| {
                let next = rsm.next(10);
                let tell = move |_, rsm| tell.send(rsm).unwrap();
                archive.query_then(next, tell, |error| panic!("{error}"));
            },
            |error| panic!("{error}"),
        );
        answer(&scene).await;
        let xml = answer(&scene).await.to_xml();
        assert!(xml.contains("<after>1</after>"), "{xml}");
        assert!(xml.contains("<value>otto@heron.example</value>"), "{xml}");
        assert_eq!(heard.recv().unwrap().query.max, Some(10));
    });
}

#[test]
fn a_caller_needs_no_runtime() {
    clock::run(async {
        let scene = Scene::new().await;
        let heard = std::thread::scope(|scope| {
            let other = scope.spawn(|| query(&scene, Value::Null));
            other.join().unwrap()
        });
        answer(&scene).await;
        heard.recv().unwrap().unwrap();
    });
}
