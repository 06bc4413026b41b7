//! The roster of a session (RFC 6121 §2.1.3, §2.6).

use std::time::Duration;

use converse_core::prelude::*;
use converse_roster::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Rule;

use crate::scene::{Scene, plan, silent, with_roster, without_roster};

const QUERY: &str = "<iq type='get' id='{{r}}'><query xmlns='jabber:iq:roster'/></iq>";

#[test]
fn api_058_the_steps_come_in_their_order() {
    without_roster(|mut it| async move {
        it.expect(QUERY).await;
        assert_eq!(it.events().await, ["rosterInitialized"]);
        assert!(!it.api.promises().is_resolved("rosterContactsFetched"));
        it.recv(
            "<iq type='result' id='{{r}}'><query xmlns='jabber:iq:roster'>\
             <item jid='otto@heron.example' name='Otto' subscription='both'><group>Rowers</group><group>Kin</group></item>\
             <item jid='ines@heron.example' subscription='from'/>\
             <item jid='juno@teal.example' name='Juno' subscription='none' ask='subscribe'/></query></iq>",
        )
        .await;
        let steps = ["rosterGroupsFetched", "roster", "rosterContactsFetched"];
        assert_eq!(it.events().await, steps);
        for promise in steps {
            assert!(it.api.promises().is_resolved(promise), "{promise}");
        }
        let otto = serde_json::to_value(it.contact("otto@heron.example").unwrap()).unwrap();
        assert_eq!(
            otto,
            json!({
                "id": "otto@heron.example", "jid": "otto@heron.example", "user_id": "otto", "fullname": "Otto",
                "subscription": "both", "groups": ["Rowers", "Kin"], "requesting": false,
                "chat_status": "offline", "resources": {},
            })
        );
        assert_eq!(
            it.contact("ines@heron.example").unwrap().fullname,
            "ines@heron.example"
        );
        assert!(it.contact("juno@teal.example").unwrap().ask.is_some());
        assert_eq!(it.api.contacts().all().len(), 3);
    });
}

#[test]
fn one_malformed_item_costs_only_itself_and_oneself_is_no_contact() {
    without_roster(|mut it| async move {
        it.expect(QUERY).await;
        it.recv(
            "<iq type='result' id='{{r}}'><query xmlns='jabber:iq:roster'>\
             <item jid='not a jid'/><item/><item jid='x@y' subscription='maybe'/>\
             <item jid='mara@kestrel.example' subscription='both'/>\
             <item jid='otto@heron.example'/><item jid='ines@heron.example' subscription='none'/></query></iq>",
        )
        .await;
        let all = it.api.contacts().all();
        let jids: Vec<_> = all.iter().map(|contact| contact.jid.as_str()).collect();
        assert_eq!(jids, ["ines@heron.example", "otto@heron.example"]);
    });
}

#[test]
fn a_refusal_is_announced_and_nobody_waits_for_ever() {
    without_roster(|mut it| async move {
        it.expect(QUERY).await;
        it.recv(
            "<iq type='error' id='{{r}}'><error type='cancel'>\
             <internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        )
        .await;
        it.api.wait_until("rosterContactsFetched").await.unwrap();
        it.api.wait_until("rosterGroupsFetched").await.unwrap();
        assert!(!it.api.promises().is_resolved("roster"));
        assert_eq!(
            it.events().await,
            [
                "rosterInitialized",
                "rosterFetchFailed",
                "rosterGroupsFetched",
                "rosterContactsFetched"
            ]
        );
    });
}

#[test]
fn silence_ends_with_the_deadline_and_the_answer_after_it_is_nobodys() {
    without_roster(|mut it| async move {
        it.expect(QUERY).await;
        let waiting = it
            .api
            .promises()
            .wait_until_within("rosterContactsFetched", Duration::from_secs(120));
        waiting.await.unwrap();
        it.recv("<iq type='result' id='{{r}}'><query xmlns='jabber:iq:roster'><item jid='late@x.example'/></query></iq>").await;
        assert!(it.api.contacts().all().is_empty());
        // Pushes are taken all the same.
        it.recv("<iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example'/></query></iq>").await;
        assert!(it.contact("otto@heron.example").is_some());
    });
}

#[test]
fn a_push_right_behind_the_answer_is_applied_after_it() {
    without_roster(|mut it| async move {
        it.expect(QUERY).await;
        it.recv(
            "<iq type='result' id='{{r}}'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' name='Old'/></query></iq>\
             <iq type='set' id='p1'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' name='New'/></query></iq>",
        )
        .await;
        assert_eq!(it.contact("otto@heron.example").unwrap().fullname, "New");
    });
}

#[test]
fn a_new_session_asks_again_and_a_resumed_one_does_not() {
    clock::run(async {
        let mut plan = plan(&[("otto@heron.example", "Otto")]);
        plan.stream_management = true;
        let mut it = Scene::new(plan, settings! { "reconnect_min": 1 }).await;
        it.expect(QUERY).await;
        it.recv("<presence from='otto@heron.example/oar'/>").await;
        assert!(it.contact("otto@heron.example").unwrap().is_online());

        it.events().await;
        it.server.answer_connects(Rule::Accept);
        it.server.drop_connection();
        wait_for(&it, "reconnected").await;
        it.expect_nothing("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        assert!(it.contact("otto@heron.example").unwrap().is_online());

        it.server.plan(|plan| plan.resume = false);
        it.server.forget_session();
        it.server.drop_connection();
        wait_for(&it, "rosterContactsFetched").await;
        it.captures = Default::default();
        it.expect(QUERY).await;
        assert!(!it.contact("otto@heron.example").unwrap().is_online());
    });
}

#[test]
fn api_057_with_versions_the_kept_roster_is_confirmed() {
    clock::run(async {
        let store: Arc<dyn converse_core::store::Store> =
            Arc::new(converse_core::store::MemoryStore::new());
        let versions = || {
            let mut plan = silent();
            plan.features
                .push("<ver xmlns='urn:xmpp:features:rosterver'/>".to_owned());
            plan
        };
        let mut first = Scene::with_store(versions(), settings! {}, Arc::clone(&store)).await;
        first
            .expect("<iq type='get' id='{{r}}'><query xmlns='jabber:iq:roster' ver=''/></iq>")
            .await;
        first.recv(
            "<iq type='result' id='{{r}}'><query xmlns='jabber:iq:roster' ver='v11'>\
             <item jid='otto@heron.example' name='Otto' subscription='both'><group>Kin</group></item>\
             <item jid='ines@heron.example' subscription='both'/></query></iq>",
        ).await;
        first.recv("<iq type='set' id='p1'><query xmlns='jabber:iq:roster' ver='v12'><item jid='ines@heron.example' subscription='remove'/></query></iq>").await;
        assert_eq!(first.api.contacts().version().as_deref(), Some("v12"));
        first.api.connection().disconnect().await.unwrap();

        let mut second = Scene::with_store(versions(), settings! {}, store).await;
        second
            .expect("<iq type='get' id='{{r}}'><query xmlns='jabber:iq:roster' ver='v12'/></iq>")
            .await;
        assert_eq!(second.events().await, ["rosterInitialized", "cachedRoster"]);
        // They are there before the server has answered.
        assert_eq!(second.api.contacts().all().len(), 1);
        second.recv("<iq type='result' id='{{r}}'/>").await;
        assert_eq!(
            second.events().await,
            ["rosterGroupsFetched", "roster", "rosterContactsFetched"]
        );
        let all = second.api.contacts().all();
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].fullname.as_str(), &all[0].groups[..]),
            ("Otto", &["Kin".to_owned()][..])
        );

        second.recv("<iq type='set' id='p2'><query xmlns='jabber:iq:roster' ver='v13'><item jid='juno@teal.example'/></query></iq>").await;
        assert_eq!(second.api.contacts().all().len(), 2);
    });
}

#[test]
fn without_the_feature_no_version_is_named() {
    with_roster(|mut it| async move {
        let query = it.expect(QUERY).await;
        assert!(
            query
                .child("query", "jabber:iq:roster")
                .unwrap()
                .attr("ver")
                .is_none()
        );
    });
}

/// Waits until an event was heard.
pub(crate) async fn wait_for(it: &Scene, name: &str) {
    for _ in 0..10_000 {
        if it.events().await.iter().any(|found| found == name) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("`{name}` did not come");
}
