//! What ends a session for good, and what is tried again.

use std::time::Duration;

use converse_core::prelude::*;
use converse_core::session::{SessionState, Terminal};
use converse_testkit::clock::settle;
use converse_testkit::scripted::Rule;

use crate::scene::{HOUR, Scene, play};

#[test]
fn final_stream_errors_are_not_tried_again() {
    for (condition, reason) in [
        ("host-unknown", Terminal::HostUnknown),
        ("not-authorized", Terminal::Refused),
        ("policy-violation", Terminal::Refused),
        ("conflict", Terminal::Conflict),
    ] {
        play(async {
            let scene = Scene::online(|_| {}).await;
            scene.stream_error(condition).await;
            scene.expect_peace().await;
            let state = scene.api.connection().state();
            assert!(
                matches!(state, SessionState::Failed { reason: found, .. } if found == reason),
                "{condition}: {state}"
            );
            assert_eq!(scene.count("disconnected"), 1, "{condition}");
            assert_eq!(scene.count("reconnecting"), 0, "{condition}");
        });
    }
}

#[test]
fn passing_stream_errors_are_tried_again() {
    for condition in [
        "system-shutdown",
        "connection-timeout",
        "internal-server-error",
        "reset",
        "made-up",
    ] {
        play(async {
            let scene = Scene::online(|_| {}).await;
            scene.stream_error(condition).await;
            tokio::time::sleep(Duration::from_secs(10)).await;
            assert!(scene.api.connection().connected(), "{condition}");
            assert_eq!(
                (scene.count("reconnected"), scene.count("connected")),
                (1, 1)
            );
            assert_eq!(scene.count("disconnected"), 0, "{condition}");
        });
    }
}

#[test]
fn waits_grow_to_their_cap_and_start_over_after_a_session_that_lasted() {
    play(async {
        let scene = Scene::online(|_| {}).await;
        scene.server.answer_connects(Rule::Refuse);
        scene.server.drop_connection();
        let before = scene.server.attempts().len();
        tokio::time::sleep(HOUR).await;
        let attempts = scene.server.attempts().split_off(before);
        let gaps: Vec<_> = attempts
            .windows(2)
            .map(|pair| pair[1].at - pair[0].at)
            .collect();
        assert!((25..60).contains(&attempts.len()), "{}", attempts.len());
        assert!(
            gaps[0] >= Duration::from_secs(1) && gaps[0] <= Duration::from_secs(10),
            "{gaps:?}"
        );
        assert!(
            gaps.iter().all(|gap| *gap <= Duration::from_secs(151)),
            "{gaps:?}"
        );
        assert!(
            gaps.last().unwrap() >= &Duration::from_secs(120),
            "{gaps:?}"
        );

        scene.server.answer_connects(Rule::Accept);
        tokio::time::sleep(Duration::from_secs(300)).await;
        assert!(scene.api.connection().connected());
        let before = scene.server.now();
        scene.cut().await;
        scene.server.await_connect(HOUR).await.unwrap();
        assert!(scene.server.now() - before <= Duration::from_secs(5));
    });
}

#[test]
fn sessions_that_end_at_once_do_not_shorten_the_waits() {
    play(async {
        let scene = Scene::online(|_| {}).await;
        let mut gaps = Vec::new();
        for _ in 0..6 {
            scene.cut().await;
            let before = scene.server.now();
            scene.let_in().await;
            gaps.push(scene.server.now() - before);
        }
        assert!(gaps.windows(2).all(|pair| pair[0] <= pair[1]), "{gaps:?}");
        assert!(gaps[5] >= Duration::from_secs(32), "{gaps:?}");
    });
}

#[test]
fn a_changed_network_ends_the_wait() {
    play(async {
        let scene = Scene::online(|_| {}).await;
        scene.server.answer_connects(Rule::Refuse);
        scene.server.drop_connection();
        tokio::time::sleep(HOUR).await;
        scene.server.answer_connects(Rule::Accept);
        scene.api.connection().network_changed().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(scene.api.connection().connected());
    });
}

#[test]
fn logging_out_while_waiting_ends_the_attempts() {
    play(async {
        let scene = Scene::online(|_| {}).await;
        scene.server.answer_connects(Rule::Refuse);
        scene.server.drop_connection();
        tokio::time::sleep(Duration::from_secs(60)).await;
        scene.api.user().logout().await.unwrap();
        scene.expect_peace().await;
        assert_eq!((scene.count("logout"), scene.count("disconnected")), (1, 1));
        assert_eq!(scene.api.connection().state(), SessionState::Disconnected);
    });
}

#[test]
fn without_auto_reconnect_a_loss_is_the_end() {
    play(async {
        let scene = Scene::with(|_| {}, settings! { "auto_reconnect": false }).await;
        scene.login().await.unwrap();
        scene.server.drop_connection();
        scene.expect_peace().await;
        assert_eq!(
            (scene.count("reconnecting"), scene.count("disconnected")),
            (0, 1)
        );
    });
}

#[test]
fn a_redirect_is_followed_for_the_same_domain() {
    play(async {
        let mut scene = Scene::online(|_| {}).await;
        scene.server.answer_connects(Rule::Hold);
        scene
            .send(
                "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><see-other-host \
                 xmlns='urn:ietf:params:xml:ns:xmpp-streams'>cm9.kestrel.example:9222</see-other-host></stream:error>",
            )
            .await;
        scene.server.close();
        let (host, port) = scene.server.await_connect(HOUR).await.unwrap();
        assert_eq!((host.as_str(), port), ("cm9.kestrel.example", 9222));
        scene.let_in().await;
        scene
            .expect("<stream xmlns='http://etherx.jabber.org/streams' to='kestrel.example'/>")
            .await;
    });
}

#[test]
fn a_server_that_sends_us_in_circles_is_left() {
    play(async {
        let scene = Scene::online(|_| {}).await;
        let before = scene.server.attempts().len();
        for _ in 0..20 {
            if scene.server.is_connected() {
                let _ = scene.server.say(
                    "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><see-other-host \
                     xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other.kestrel.example</see-other-host></stream:error>",
                );
            }
            tokio::time::sleep(Duration::from_secs(300)).await;
            settle().await;
        }
        // Every round trip of the circle waits as any other failure does.
        let attempts = scene.server.attempts().split_off(before);
        assert!(attempts.len() <= 21, "{}", attempts.len());
    });
}
