//! A kept session that cannot be gone on with, or must not be.

use std::time::Duration;

use converse::core::session::Login;
use converse::prelude::*;
use converse_testkit::clock::settle;
use converse_testkit::scripted::Rule;

use crate::scene::{BIND, RESUME, Scene, plan, play, start, with};

/// A new session was bound, and nobody asked to go on with the old one.
async fn is_new(scene: &mut Scene) {
    scene.expect(BIND).await;
    scene.expect_nothing(RESUME).await;
    assert_eq!(scene.started().await, [(false, false)]);
}

#[test]
fn a_server_that_refuses_gets_a_new_session() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.server.forget_session();
        scene.restart().await;
        scene.resumes_at().await;
        scene.expect(BIND).await;
        assert_eq!(scene.payloads("noResumeableSession").await.len(), 1);
        assert_eq!(scene.started().await, [(false, false)]);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(scene.secret().await.unwrap().contains("sm-2"));
    });
}

#[test]
fn a_session_that_the_server_has_given_up_is_not_asked_for() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.kill().await;
        tokio::time::sleep(Duration::from_secs(301)).await;
        scene.start_again().await;
        is_new(&mut scene).await;
    });
}

#[test]
fn a_quiet_session_is_not_taken_for_an_old_one() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(3600)).await;
        scene.kill().await;
        tokio::time::sleep(Duration::from_secs(200)).await;
        scene.start_again().await;
        assert_eq!(scene.started().await, [(true, true)]);
    });
}

#[test]
fn another_account_and_another_resource_begin_anew() {
    play(async {
        for jid in ["ines@kestrel.example/desk", "mara@kestrel.example/phone"] {
            let mut scene = with(plan(), settings! { "auto_login": false }).await;
            let mara = Jid::new("mara@kestrel.example/desk").unwrap();
            let login = Login::with_password(mara, "secret");
            scene.api.session().login(login).await.unwrap();
            tokio::time::sleep(Duration::from_secs(2)).await;
            scene.kill().await;
            scene.start_again().await;
            let login = Login::with_password(Jid::new(jid).unwrap(), "secret");
            scene.api.session().login(login).await.unwrap();
            settle().await;
            is_new(&mut scene).await;
        }
    });
}

#[test]
fn without_keepalive_nothing_is_kept() {
    play(async {
        let mut scene = with(plan(), settings! { "keepalive": false }).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(scene.secret().await, None);
        scene.restart().await;
        is_new(&mut scene).await;
    });
}

#[test]
fn a_server_that_cannot_resume_leaves_nothing_to_keep() {
    play(async {
        let mut plan = plan();
        plan.resumable = false;
        let mut scene = with(plan, settings! {}).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(scene.secret().await, None);
        scene.restart().await;
        is_new(&mut scene).await;
    });
}

#[test]
fn a_wrong_password_does_not_cost_the_session() {
    play(async {
        let mut scene = with(plan(), settings! { "auto_login": false }).await;
        let login = |password: &str| {
            let mara = Jid::new("mara@kestrel.example/desk").unwrap();
            Login::with_password(mara, password)
        };
        scene.api.session().login(login("secret")).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.kill().await;
        scene.start_again().await;
        let refused = scene.api.session().login(login("wrong")).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::AuthFailed);
        scene.api.session().login(login("secret")).await.unwrap();
        assert_eq!(scene.started().await, [(true, true)]);
    });
}

#[test]
fn a_state_that_cannot_be_read_is_not_used() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.kill().await;
        let account = "mara@kestrel.example".parse().unwrap();
        let nonsense = converse::core::store::SecretBytes::new(*b"{\"version\":9");
        let stored = scene.store.put_secret(&account, "sm", Some(nonsense)).await;
        stored.unwrap();
        scene.start_again().await;
        is_new(&mut scene).await;
    });
}

#[test]
fn the_server_is_tried_until_it_is_there_again() {
    play(async {
        let mut scene = with(plan(), settings! { "auto_login": false }).await;
        let mara = Jid::new("mara@kestrel.example/desk").unwrap();
        let login = Login::with_password(mara, "secret");
        scene.api.session().login(login.clone()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.kill().await;
        scene.start_again().await;
        scene.server.answer_connects(Rule::Refuse);
        let api = scene.api.clone();
        let coming = actix::spawn(async move { api.session().login(login).await });
        tokio::time::sleep(Duration::from_secs(10)).await;
        scene.server.answer_connects(Rule::Accept);
        coming.await.unwrap().unwrap();
        assert_eq!(scene.started().await, [(true, true)]);
    });
}
