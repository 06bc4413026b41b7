//! The list at the start of a session (XEP-0191 §3.1, §3.2).

use converse_blocking::prelude::*;
use converse_core::contract::BlockList;
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;

use crate::scene::{Scene, plan, with_list, with_server};

#[test]
fn the_list_is_fetched_and_everybody_can_read_it() {
    with_server(plan(), |mut scene| async move {
        assert!(scene.list().is_empty());
        assert!(!scene.api.promises().is_resolved("blocklistInitialized"));
        scene
            .answer_list(&[
                "iago@venice.example",
                "spam.example",
                "otto@heron.example/oar",
            ])
            .await;
        assert_eq!(scene.events().await, ["blocklistInitialized"]);
        assert!(scene.api.promises().is_resolved("blocklistInitialized"));
        assert_eq!(
            scene.list(),
            [
                "iago@venice.example",
                "otto@heron.example/oar",
                "spam.example"
            ]
        );
        let blocking = scene.blocking();
        assert!(blocking.is_blocked("Iago@Venice.example/phone").unwrap());
        assert!(blocking.is_blocked("anybody@spam.example").unwrap());
        assert!(!blocking.is_blocked("otto@heron.example").unwrap());
        assert_eq!(
            blocking.is_blocked("not a jid").unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        assert!(blocking.is_supported().await.unwrap());
        let shared = scene.api.provided::<BlockList>().unwrap();
        assert!(shared.is_blocked(&"iago@venice.example".parse().unwrap()));
    });
}

#[test]
fn a_malformed_item_costs_only_itself() {
    with_server(plan(), |mut scene| async move {
        scene
            .answer_list(&["iago@venice.example", "@@", "", "spam.example"])
            .await;
        assert_eq!(scene.list(), ["iago@venice.example", "spam.example"]);
    });
}

#[test]
fn a_server_that_does_not_block_is_not_asked() {
    let plan = Plan::new("kestrel.example");
    with_server(plan, |scene| async move {
        scene.server.forget_sent();
        scene
            .expect_nothing("<iq><blocklist xmlns='urn:xmpp:blocking'/></iq>")
            .await;
        let blocking = scene.blocking();
        assert!(!blocking.is_supported().await.unwrap());
        for outcome in [
            blocking.block(["iago@venice.example"]).await,
            blocking.unblock(["iago@venice.example"]).await,
            blocking.unblock_all().await,
            blocking.report("iago@venice.example", Report::spam()).await,
        ] {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains("XEP-0191"), "{error}");
        }
    });
}

#[test]
fn a_list_that_does_not_come_does_not_keep_anybody_from_blocking() {
    with_server(plan(), |mut scene| async move {
        scene
            .expect("<iq type='get' id='{{list}}'><blocklist xmlns='urn:xmpp:blocking'/></iq>")
            .await;
        let blocking = scene.blocking();
        let block = actix::spawn(async move { blocking.block(["iago@venice.example"]).await });
        scene.server.forget_sent();
        scene.expect_nothing("<iq/>").await;
        scene
            .recv(
                "<iq type='error' id='{{list}}'><error type='wait'>\
                 <internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            )
            .await;
        scene
            .expect("<iq type='set' id='{{b}}'><block xmlns='urn:xmpp:blocking'/></iq>")
            .await;
        scene.recv("<iq type='result' id='{{b}}'/>").await;
        block.await.unwrap().unwrap();
        assert_eq!(scene.list(), ["iago@venice.example"]);
    });
}

#[test]
fn after_a_reconnection_the_differences_are_told() {
    with_server(plan(), |mut scene| async move {
        scene
            .answer_list(&["iago@venice.example", "spam.example"])
            .await;
        scene.events().await;
        scene.server.forget_sent();
        scene.server.drop_connection();
        scene
            .answer_list(&["spam.example", "tybalt@capulet.example"])
            .await;
        assert_eq!(
            scene.events().await,
            [
                "contactBlocked tybalt@capulet.example",
                "contactUnblocked iago@venice.example",
                "blocklistInitialized",
            ]
        );
        assert_eq!(scene.list(), ["spam.example", "tybalt@capulet.example"]);
    });
}

#[test]
fn without_a_session_it_says_so() {
    clock::run(async {
        let scene = Scene::new(plan()).await;
        scene.api.connection().disconnect().await.unwrap();
        let error = scene.blocking().unblock_all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn a_logout_that_clears_the_store_leaves_no_list() {
    with_list(|scene| async move {
        assert_eq!(scene.list().len(), 2);
        let settings = scene.api.settings();
        settings.set("clear_store_on_logout", true).unwrap();
        scene.api.user().logout().await.unwrap();
        assert!(scene.list().is_empty());
    });
}
