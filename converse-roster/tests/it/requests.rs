//! Those who want to become contacts (RFC 6121 §3).

use converse_core::prelude::*;
use converse_roster::prelude::*;
use converse_testkit::clock;

use crate::scene::{Scene, plan, with_roster};

const ASKED: &str = "<presence type='subscribe' from='juno@teal.example'><status>It is me</status>\
                     <nick xmlns='http://jabber.org/protocol/nick'>Juno</nick></presence>";

#[test]
fn a_request_is_announced_once_until_it_is_answered() {
    with_roster(|mut it| async move {
        it.forget().await;
        it.recv(ASKED).await;
        it.recv(ASKED).await;
        let requests = it.payloads("contactRequest").await;
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0]["jid"], "juno@teal.example");
        assert_eq!(requests[0]["message"], "It is me");
        let juno = it.contact("juno@teal.example").unwrap();
        assert!(juno.requesting);
        assert_eq!(juno.fullname, "Juno");
        it.expect_nothing("<presence to='juno@teal.example'/>")
            .await;
        // Whoever only asks is no contact: his presence is not taken.
        it.recv("<presence from='juno@teal.example/t'/>").await;
        assert!(!it.contact("juno@teal.example").unwrap().is_online());

        it.api.contacts().refuse("juno@teal.example").await.unwrap();
        it.expect("<presence type='unsubscribed' to='juno@teal.example'/>")
            .await;
        assert!(it.contact("juno@teal.example").is_none());

        it.events().await;
        it.recv(ASKED).await;
        assert_eq!(it.events().await, ["contactRequest"]);
        it.api.contacts().accept("juno@teal.example").await.unwrap();
        it.expect("<presence type='subscribed' to='juno@teal.example'/>")
            .await;
        it.expect("<presence type='subscribe' to='juno@teal.example'/>")
            .await;
    });
}

#[test]
fn a_request_can_be_taken_back() {
    with_roster(|it| async move {
        it.recv(ASKED).await;
        it.recv("<presence type='unsubscribe' from='juno@teal.example'/>")
            .await;
        assert!(it.contact("juno@teal.example").is_none());
        assert_eq!(it.api.contacts().all().len(), 2);
    });
}

#[test]
fn a_contact_who_sees_the_user_is_told_so_again() {
    with_roster(|mut it| async move {
        it.events().await;
        it.recv("<presence type='subscribe' from='otto@heron.example'/>")
            .await;
        it.expect("<presence type='subscribed' to='otto@heron.example'/>")
            .await;
        assert!(it.events().await.is_empty());
    });
}

#[test]
fn auto_subscribe_agrees_and_asks_in_return() {
    clock::run(async {
        let mut it = Scene::new(plan(&[]), settings! { "auto_subscribe": true }).await;
        it.recv(ASKED).await;
        it.expect("<presence type='subscribed' to='juno@teal.example'/>")
            .await;
        it.expect("<presence type='subscribe' to='juno@teal.example'/>")
            .await;
        assert!(!it.events().await.contains(&"contactRequest".to_owned()));
    });
}

#[test]
fn requests_can_be_turned_off() {
    clock::run(async {
        let it = Scene::new(plan(&[]), settings! { "allow_contact_requests": false }).await;
        it.recv(ASKED).await;
        assert!(it.contact("juno@teal.example").is_none());
        let error = it
            .api
            .contacts()
            .add("juno@teal.example", None)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        it.expect_nothing("<iq type='set'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
    });
}

#[test]
fn a_refusal_ends_the_presence_and_keeps_the_contact() {
    with_roster(|it| async move {
        it.recv("<presence from='otto@heron.example/oar'/>").await;
        it.recv("<presence type='unsubscribed' from='otto@heron.example'/>")
            .await;
        let otto = it.contact("otto@heron.example").unwrap();
        assert!(!otto.is_online());
        it.expect_nothing("<iq type='set'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
    });
}

#[test]
fn a_flood_of_requests_is_bounded() {
    with_roster(|it| async move {
        for batch in 0..6 {
            let flood: String = (0..250)
                .map(|n| {
                    format!("<presence type='subscribe' from='v{batch}-{n}@mallard.example'/>")
                })
                .collect();
            it.recv(&flood).await;
        }
        assert_eq!(it.api.contacts().all().len(), 1_002);
    });
}
