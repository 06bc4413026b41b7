//! What is found out at the start of a session.

use converse::core::disco::caps::{Algorithm, verification_string};
use converse::core::disco::{Identity, Info};
use converse::core::store::{MemoryStore, Store};
use converse::prelude::*;
use converse_testkit::clock;

use crate::scene::{ASKED, DISCO_INFO, OWN, Scene, Setting, jid, play_with};

#[test]
fn what_server_and_account_can_is_announced_and_known() {
    play_with(
        |plan| {
            plan.server_features.push("urn:xmpp:carbons:2".to_owned());
            plan.account_features.push("urn:xmpp:mam:2".to_owned());
        },
        |it| async move {
            it.api.wait_until("discoInitialized").await.unwrap();
            let found = it.payloads("serviceDiscovered").await;
            let expected = [
                json!({ "var": "urn:xmpp:carbons:2", "from": "kestrel.example" }),
                json!({ "var": "urn:xmpp:mam:2", "from": OWN }),
            ];
            assert!(
                expected.iter().all(|service| found.contains(service)),
                "{found:?}"
            );
            assert_eq!(
                it.payloads("discoInitialized").await,
                [json!({ "complete": true })]
            );
            let server = it.api.disco().server().await.unwrap();
            assert!(server.has("urn:xmpp:carbons:2") && server.is("server", "im"));
            assert!(
                it.api
                    .disco()
                    .account()
                    .await
                    .unwrap()
                    .has("urn:xmpp:mam:2")
            );
            it.expect_nothing(ASKED).await;
        },
    );
}

#[test]
fn a_server_that_says_nothing_holds_nobody_up_for_ever() {
    play_with(
        |plan| {
            plan.auto.remove("disco");
        },
        |it| async move {
            let limit = std::time::Duration::from_secs(120);
            let known = tokio::time::timeout(limit, it.api.wait_until("discoInitialized"));
            known.await.unwrap().unwrap();
            assert_eq!(
                it.payloads("discoInitialized").await,
                [json!({ "complete": false })]
            );
            assert!(it.payloads("serviceDiscovered").await.is_empty());
        },
    );
}

#[test]
fn each_session_asks_once_and_a_resumed_one_does_not() {
    play_with(
        |plan| plan.stream_management = true,
        |it| async move {
            assert_eq!(it.payloads("discoInitialized").await.len(), 1);
            it.server.drop_connection();
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            assert_eq!(it.server.attempts().len(), 2);
            assert!(it.api.connection().connected());
            it.expect_nothing(ASKED).await;
            assert!(it.payloads("discoInitialized").await.is_empty());
            it.log_in_again().await;
            assert_eq!(it.payloads("discoInitialized").await.len(), 1);
        },
    );
}

/// XEP-0115 §6.3: a server that says in its stream's features what it can need not be asked each time.
#[test]
fn a_server_whose_hash_is_known_is_not_asked() {
    clock::run(async {
        let mut info = Info::default();
        info.identities
            .push(Identity::new("server", "im").named("Kestrel"));
        info.features.insert("urn:xmpp:carbons:2".to_owned());
        let hash = verification_string(&info, Algorithm::Sha1);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let setting = || {
            let mut setting = Setting {
                store: Arc::clone(&store),
                ..Setting::default()
            };
            setting.plan.auto.remove("disco");
            setting.plan.features.push(format!(
                "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:kestrel' ver='{hash}'/>"
            ));
            setting
        };
        let mut it = Scene::of(setting()).await;
        let inner = "<identity category='server' type='im' name='Kestrel'/><feature var='urn:xmpp:carbons:2'/>";
        let node = it.describe("kestrel.example", inner).await;
        assert_eq!(node, Some(format!("urn:kestrel#{hash}")));
        assert_eq!(it.payloads("serviceDiscovered").await.len(), 1);
        drop(it);

        let it = Scene::of(setting()).await;
        let asked = "<iq type='get' to='kestrel.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
        it.expect_nothing(asked).await;
        assert_eq!(it.payloads("serviceDiscovered").await.len(), 1);
        assert!(
            it.api
                .disco()
                .server()
                .await
                .unwrap()
                .has("urn:xmpp:carbons:2")
        );
        drop(it);
        // Who does not answer for its hash is asked without it.
        let mut setting = setting();
        setting.plan.features = vec![setting.plan.features[0].replace(&hash, "other")];
        let mut it = Scene::of(setting).await;
        let (node, id) = it.asked("kestrel.example").await;
        assert_eq!(node.as_deref(), Some("urn:kestrel#other"));
        it.recv(&format!(
            "<iq type='error' id='{id}' from='kestrel.example'><error type='cancel'>\
             <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ))
        .await;
        assert_eq!(it.describe("kestrel.example", inner).await, None);
        assert_eq!(it.payloads("serviceDiscovered").await.len(), 1);
    });
}

#[test]
fn without_the_plugin_one_asks_by_hand() {
    clock::run(async {
        let setting = Setting::default();
        let server = converse_testkit::scripted::Server::new(setting.plan);
        let settings = settings! {
            "jid": format!("{OWN}/desk"),
            "password": "secret",
            "security": "plaintext_loopback",
        };
        let converse = Converse::new()
            .with_network(server.network())
            .without_linked_plugins();
        let api = converse.start(settings).await.unwrap();
        clock::settle().await;
        let mut names = converse_testkit::scripted::Captures::default();
        let quiet = std::time::Duration::from_millis(500);
        server.expect_nothing(ASKED, &names, quiet).await.unwrap();
        assert!(!api.has_plugin("converse-disco"));
        assert!(api.presence_payloads().elements().is_empty());
        assert!(api.disco().server().await.unwrap().is("server", "im"));
        server
            .send(&format!("<iq type='get' id='q' from='otto@heron.example/oar'><query xmlns='{DISCO_INFO}'/></iq>"))
            .await
            .unwrap();
        server
            .expect("<iq type='result' id='q'/>", &mut names)
            .await
            .unwrap();
        assert!(api.disco().known(&jid("kestrel.example")).is_some());
    });
}
