//! What is left of a session after each kind of end.

use std::time::Duration;

use converse::core::session::SessionState;
use converse_testkit::clock::settle;
use converse_testkit::scripted::What;

use crate::scene::{from_otto, play, start};

#[test]
fn an_instance_that_stops_leaves_its_session_to_the_next() {
    play(async {
        let mut scene = start().await;
        scene.recv(&from_otto("one")).await;
        scene.forget().await;
        scene.stop().await;
        let sent = scene.server.sent();
        let closed = sent.iter().any(|sent| matches!(sent.what, What::Close));
        assert!(!closed, "the stream must not be closed");
        assert_eq!(scene.written().await, ["one"]);
        let told = scene.told();
        scene.start_again().await;
        assert_eq!(scene.resumes_at().await, *told.last().unwrap());
        assert_eq!(scene.started().await.last(), Some(&(true, true)));
    });
}

#[test]
fn who_disconnects_or_logs_out_leaves_nothing() {
    play(async {
        for logs_out in [false, true] {
            let mut scene = start().await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert!(scene.secret().await.is_some());
            if logs_out {
                scene.api.user().logout().await.unwrap();
            } else {
                scene.api.connection().disconnect().await.unwrap();
            }
            settle().await;
            assert_eq!(scene.secret().await, None);
            scene.stop().await;
            scene.start_again().await;
            assert_eq!(scene.started().await.last(), Some(&(false, false)));
        }
    });
}

#[test]
fn a_session_that_was_silent_for_long_is_not_taken_for_one_that_hangs() {
    play(async {
        let scene = start().await;
        let states = scene.api.session().watch();
        for _ in 0..16 {
            // Nothing was written for so long, and the goodbye is not through before somebody looks at the clock.
            tokio::time::sleep(Duration::from_secs(45)).await;
            scene.server.forget_sent();
            scene.api.connection().disconnect().await.unwrap();
            let sent = scene.server.sent();
            let is_closed = sent.iter().any(|sent| matches!(sent.what, What::Close));
            assert!(is_closed, "{sent:?}");
            assert_eq!(*states.borrow(), SessionState::Disconnected);
            scene.api.user().login(()).await.unwrap();
        }
    });
}

#[test]
fn who_is_told_to_go_leaves_nothing() {
    play(async {
        let scene = start().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene
            .recv(
                "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
                 <conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            )
            .await;
        settle().await;
        assert_eq!(scene.secret().await, None);
    });
}

#[test]
fn what_is_kept_shows_in_no_debug_and_no_log() {
    play(async {
        let scene = start().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let shown = format!("{:?} {:?}", scene.api, scene.store);
        assert!(!shown.contains("sm-1"), "{shown}");
    });
}
