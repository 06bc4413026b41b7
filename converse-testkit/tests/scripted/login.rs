//! How a login ends.

use std::time::Duration;

use converse_core::prelude::*;
use converse_testkit::clock::settle;
use converse_testkit::scripted::{Captures, Fault, Rule, Until};

use crate::scene::{MINUTE, Scene, play};

#[test]
fn a_wrong_password_is_told_once() {
    play(async {
        let scene = Scene::offline(|plan| plan.password = "another".to_owned()).await;
        let error = scene.login().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AuthFailed);
        scene.expect_peace().await;
        assert_eq!(scene.server.attempts().len(), 1);
        assert_eq!(scene.count("disconnected"), 1);
    });
}

#[test]
fn a_temporary_failure_is_tried_again() {
    play(async {
        let scene =
            Scene::offline(|plan| plan.refuse_auth = Some("temporary-auth-failure".to_owned()))
                .await;
        let (login, ()) = tokio::join!(scene.login(), async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            scene.server.plan(|plan| plan.refuse_auth = None);
        });
        login.unwrap();
        assert!(scene.server.attempts().len() > 2);
    });
}

#[test]
fn an_unreachable_server_is_told_after_the_deadline_and_tried_on() {
    play(async {
        let scene = Scene::offline(|_| {}).await;
        scene.server.answer_connects(Rule::Refuse);
        let start = scene.server.now();
        let error = scene.login().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectFailed);
        assert_eq!((scene.server.now() - start).as_secs(), 60);
        scene.server.answer_connects(Rule::Accept);
        tokio::time::sleep(5 * MINUTE).await;
        assert!(scene.api.connection().connected());
        assert_eq!(scene.count("connected"), 1);
    });
}

#[test]
fn a_server_that_falls_silent_is_given_up_and_tried_again() {
    for until in [Until::Accepted, Until::Header, Until::Authenticated] {
        play(async {
            let scene = Scene::offline(|plan| plan.until = until).await;
            let (login, ()) = tokio::join!(scene.login(), async {
                tokio::time::sleep(Duration::from_secs(31)).await;
                scene.server.plan(|plan| plan.until = Until::Online);
            });
            login.unwrap();
            assert_eq!(scene.server.attempts().len(), 2, "{until:?}");
            assert_eq!(scene.server.open_connections(), 1, "{until:?}");
        });
    }
}

#[test]
fn a_host_that_never_answers_does_not_hold_up_the_login_for_ever() {
    play(async {
        let scene = Scene::offline(|_| {}).await;
        scene.server.answer_connects(Rule::Silence);
        let start = scene.server.now();
        let error = scene.login().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectFailed);
        assert!(scene.server.now() - start <= MINUTE + Duration::from_secs(1));
        assert!(scene.server.attempts().len() >= 2);
    });
}

#[test]
fn an_address_of_another_domain_is_not_accepted() {
    play(async {
        let scene =
            Scene::offline(|plan| plan.bound_jid = Some("mara@heron.example/x".to_owned())).await;
        let error = scene.login().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(!scene.api.connection().connected());
        scene.expect_peace().await;
    });
}

#[test]
fn a_taken_resource_is_replaced_by_another() {
    play(async {
        let scene = Scene::offline(|plan| plan.bind_conflicts = 1).await;
        scene.login().await.unwrap();
        let jid = scene.api.user().jid().unwrap();
        assert_ne!(jid.resource().unwrap().as_str(), "desk");
        assert_eq!(jid.to_bare().as_str(), "mara@kestrel.example");
    });
}

#[test]
fn a_server_that_does_not_know_the_password_is_not_believed() {
    for fault in [
        Fault::NoSignature,
        Fault::WrongSignature,
        Fault::ForeignNonce,
        Fault::MissingSalt,
        Fault::DuplicateAttribute,
        Fault::MandatoryExtension,
        Fault::Iterations(1),
        Fault::Iterations(0),
        Fault::Announced(vec!["PLAIN".to_owned()]),
    ] {
        play(async {
            let scene = Scene::offline(|plan| plan.until = Until::Header).await;
            let server = scene.server.clone();
            let (login, ()) = tokio::join!(scene.login(), async {
                let opened = "<stream xmlns='http://etherx.jabber.org/streams'/>";
                server
                    .expect(opened, &mut Captures::default())
                    .await
                    .unwrap();
                let offered = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms \
                     xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>";
                server.send(offered).await.unwrap();
                server.answer_auth(Some(fault.clone())).unwrap();
                settle().await;
            });
            assert_eq!(
                login.unwrap_err().kind(),
                ErrorKind::AuthFailed,
                "{fault:?}"
            );
            scene
                .expect_nothing("<iq><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
                .await;
        });
    }
}

#[test]
fn a_second_login_is_refused_and_the_first_lives() {
    play(async {
        let scene = Scene::online(|_| {}).await;
        assert_eq!(scene.login().await.unwrap_err().kind(), ErrorKind::Conflict);
        assert!(scene.api.connection().connected());
        scene.api.user().logout().await.unwrap();
        scene.login().await.unwrap();
        assert_eq!(scene.count("connected"), 2);
    });
}
