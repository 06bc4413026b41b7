//! Stream management: what arrives once, and only once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_core::prelude::*;
use converse_testkit::clock::settle;
use converse_testkit::scripted::{Plan, Rule, Until};

use crate::scene::{HOUR, Scene, play};

fn managed(plan: &mut Plan) {
    plan.stream_management = true;
}

fn message(body: &str) -> String {
    format!("<message to='ines@heron.example' type='chat'><body>{body}</body></message>")
}

#[test]
fn what_was_not_acknowledged_is_sent_again_and_only_that() {
    play(async {
        let mut scene = Scene::online(managed).await;
        let first = scene.api.send(message("one").as_str()).await.unwrap();
        scene.expect(&message("one")).await;
        scene.server.acknowledge(None).await.unwrap();
        first.acknowledged().await.unwrap();
        scene.server.freeze();
        let second = scene.api.send(message("two").as_str()).await.unwrap();
        settle().await;
        scene.cut().await;
        scene.let_in().await;
        assert!(
            scene
                .api
                .connection()
                .status()
                .await
                .unwrap()
                .stream_management
                .resumed
        );
        scene.expect(&message("two")).await;
        scene.expect_nothing("<message/>").await;
        scene.server.acknowledge(None).await.unwrap();
        second.acknowledged().await.unwrap();
        assert_eq!(scene.count("reconnected"), 1);
    });
}

#[test]
fn what_the_server_has_is_not_sent_again_when_it_resumes() {
    play(async {
        let mut scene = Scene::online(managed).await;
        let sent = scene.api.send(message("one").as_str()).await.unwrap();
        scene.expect(&message("one")).await;
        scene.cut().await;
        scene.let_in().await;
        sent.acknowledged().await.unwrap();
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn what_we_have_is_not_handled_twice() {
    play(async {
        let scene = Scene::online(managed).await;
        let heard = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&heard);
        scene
            .api
            .hear_sync(Route::message(), move |message| {
                notes
                    .lock()
                    .unwrap()
                    .push(message.body().unwrap().into_owned());
                Ok(())
            })
            .unwrap();
        let from = |body: &str| {
            format!("<message from='ines@heron.example/x'><body>{body}</body></message>")
        };
        scene.send(&from("one")).await;
        // The client asks for no more than what it did not handle.
        scene.cut().await;
        scene.let_in().await;
        scene.send(&from("two")).await;
        assert_eq!(*heard.lock().unwrap(), ["one", "two"]);
    });
}

#[test]
fn a_refused_resumption_sends_messages_again_with_the_time_they_were_sent() {
    play(async {
        let mut scene = Scene::online(managed).await;
        scene.server.freeze();
        let lost = scene.api.send(message("one").as_str()).await.unwrap();
        let ping = "<iq type='get' to='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>";
        let api = scene.api.clone();
        let request = actix::spawn(async move { api.iq(ping).await });
        settle().await;
        scene.server.plan(|plan| plan.resume = false);
        scene.cut().await;
        scene.let_in().await;
        assert_eq!(scene.count("noResumeableSession"), 1);
        assert_eq!(
            request.await.unwrap().unwrap_err().kind(),
            ErrorKind::Disconnected
        );
        scene
            .expect(
                "<message to='ines@heron.example'><body>one</body>\
                 <delay xmlns='urn:xmpp:delay' stamp='{{t}}'/></message>",
            )
            .await;
        assert!(
            scene
                .seen
                .get("t")
                .unwrap()
                .starts_with("2026-03-01T00:00:0")
        );
        scene.expect_nothing("<message/>").await;
        scene.server.acknowledge(None).await.unwrap();
        lost.acknowledged().await.unwrap();
    });
}

#[test]
fn what_is_sent_while_the_connection_is_being_replaced_waits() {
    play(async {
        let mut scene = Scene::online(managed).await;
        scene.cut().await;
        let waiting = scene.api.send(message("one").as_str()).await.unwrap();
        scene.let_in().await;
        scene.expect(&message("one")).await;
        scene.server.acknowledge(None).await.unwrap();
        waiting.acknowledged().await.unwrap();
    });
}

#[test]
fn logging_out_tells_who_waits() {
    play(async {
        let scene = Scene::online(managed).await;
        scene.cut().await;
        let waiting = scene.api.send(message("one").as_str()).await.unwrap();
        scene.api.user().logout().await.unwrap();
        assert_eq!(
            waiting.acknowledged().await.unwrap_err().kind(),
            ErrorKind::Disconnected
        );
        let refused = scene.api.send(message("two").as_str()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Disconnected);
        scene.expect_peace().await;
    });
}

#[test]
fn a_server_that_acknowledges_too_much_is_left() {
    play(async {
        let scene = Scene::online(managed).await;
        scene.server.answer_connects(Rule::Hold);
        scene.send("<a xmlns='urn:xmpp:sm:3' h='77'/>").await;
        scene
            .server
            .expect_end(Duration::from_secs(1))
            .await
            .unwrap();
        scene.let_in().await;
    });
}

#[test]
fn a_dead_peer_is_found_and_the_session_taken_up() {
    play(async {
        let mut scene = Scene::online(managed).await;
        scene.server.answer_connects(Rule::Hold);
        scene.server.freeze();
        let sent = scene.api.send(message("anyone?").as_str()).await.unwrap();
        let start = scene.server.now();
        scene.server.await_connect(HOUR).await.unwrap();
        let noticed = scene.server.now() - start;
        assert!(noticed <= Duration::from_secs(40), "{noticed:?}");
        scene.let_in().await;
        scene.expect(&message("anyone?")).await;
        scene.server.acknowledge(None).await.unwrap();
        sent.acknowledged().await.unwrap();
    });
}

#[test]
fn silence_is_met_with_a_ping_and_a_dead_silence_with_a_new_connection() {
    play(async {
        let mut scene = Scene::online(|_| {}).await;
        tokio::time::sleep(Duration::from_secs(181)).await;
        scene
            .expect("<iq type='get' to='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>")
            .await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(scene.api.connection().connected());
        scene.server.answer_connects(Rule::Hold);
        scene.server.freeze();
        let start = scene.server.now();
        scene.server.await_connect(HOUR).await.unwrap();
        assert!(scene.server.now() - start <= Duration::from_secs(180 + 30 + 5));
        scene.let_in().await;
    });
}

#[test]
fn a_session_without_resumption_is_not_asked_for() {
    play(async {
        let mut scene = Scene::online(|plan| {
            managed(plan);
            plan.resumable = false;
        })
        .await;
        scene.cut().await;
        scene.server.plan(|plan| plan.until = Until::Authenticated);
        scene.server.decide(Rule::Accept, HOUR).await.unwrap();
        scene
            .expect("<iq><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
            .await;
        scene
            .expect_nothing("<resume xmlns='urn:xmpp:sm:3'/>")
            .await;
    });
}
