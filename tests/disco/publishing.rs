//! Publishing to nodes of the own account, and reading others' (XEP-0060, XEP-0163).

use converse::core::pubsub::{Items, PublishOptions};
use converse::prelude::*;

use crate::scene::{OWN, Scene, play, play_with};

const OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
const NODE: &str = "urn:xmpp:bookmarks:1";
const PUBLISH: &str = "<iq type='set' id='{{p}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
    <publish node='urn:xmpp:bookmarks:1'><item id='atrium'><conference xmlns='urn:xmpp:bookmarks:1'/></item></publish>\
    <publish-options><x xmlns='jabber:x:data' type='submit'>\
    <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
    <field var='pubsub#access_model'><value>whitelist</value></field>\
    <field var='pubsub#persist_items'><value>true</value></field></x></publish-options></pubsub></iq>";
const ANY_PUBLICATION: &str =
    "<iq type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish/></pubsub></iq>";
const CONFLICT: &str = "<iq type='error' id='{{p}}'><error type='cancel'>\
    <conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
    <precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>";
const CONFIGURE: &str = "<iq type='set' id='{{c}}'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>\
    <configure node='urn:xmpp:bookmarks:1'><x xmlns='jabber:x:data' type='submit'>\
    <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#node_config</value></field>\
    <field var='pubsub#access_model'><value>whitelist</value></field></x></configure></pubsub></iq>";

fn checks(plan: &mut converse_testkit::scripted::Plan) {
    plan.account_features.push(OPTIONS.to_owned());
}

async fn publish(api: &Api, options: &PublishOptions) -> Result<String, Error> {
    let payload = Element::builder("conference", NODE);
    api.pubsub()
        .publish(NODE, Some("atrium"), payload, options)
        .await
}

/// CVE-2018-6591: what is private never goes to a server that would not keep it so.
#[test]
fn sec_056_private_data_is_not_published_where_preconditions_are_not_checked() {
    play(|it| async move {
        for options in [PublishOptions::private(), PublishOptions::presence()] {
            let error = publish(&it.api, &options).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
        }
        it.expect_nothing(ANY_PUBLICATION).await;
    });
}

#[test]
fn what_everybody_may_read_is_published_anyway() {
    play(|mut it| async move {
        let (api, options) = (it.api.clone(), PublishOptions::open());
        let (id, ()) = tokio::join!(publish(&api, &options), async {
            let sent = it.expect("<iq type='set' id='{{p}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish/></pubsub></iq>").await;
            assert!(!sent.to_xml().contains("publish-options"));
            it.recv("<iq type='result' id='{{p}}'/>").await;
        });
        assert_eq!(id.unwrap(), "atrium");
    });
}

#[test]
fn the_options_go_along_as_preconditions() {
    play_with(checks, |mut it| async move {
        let (api, options) = (it.api.clone(), PublishOptions::private());
        let (id, ()) = tokio::join!(publish(&api, &options), async {
            it.expect(PUBLISH).await;
            it.recv(
                "<iq type='result' id='{{p}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                 <publish node='urn:xmpp:bookmarks:1'><item id='given'/></publish></pubsub></iq>",
            )
            .await;
        });
        assert_eq!(id.unwrap(), "given");
    });
}

#[test]
fn a_node_that_is_not_so_is_made_so_and_the_preconditions_still_hold() {
    play_with(checks, |mut it| async move {
        let (api, options) = (it.api.clone(), PublishOptions::private());
        let (id, ()) = tokio::join!(publish(&api, &options), async {
            it.expect(PUBLISH).await;
            it.recv(CONFLICT).await;
            it.expect(CONFIGURE).await;
            it.recv("<iq type='result' id='{{c}}'/>").await;
            it.captures = Default::default();
            it.expect(PUBLISH).await;
            it.recv("<iq type='result' id='{{p}}'/>").await;
        });
        assert_eq!(id.unwrap(), "atrium");
        it.expect_nothing(ANY_PUBLICATION).await;
    });
}

#[test]
fn a_node_that_cannot_be_made_so_gets_nothing() {
    play_with(checks, |mut it| async move {
        let (api, options) = (it.api.clone(), PublishOptions::private());
        let forbidden = "<iq type='error' id='{{c}}'><error type='auth'>\
            <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
        let (outcome, ()) = tokio::join!(publish(&api, &options), async {
            it.expect(PUBLISH).await;
            it.recv(CONFLICT).await;
            it.expect(CONFIGURE).await;
            it.recv(forbidden).await;
        });
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Stanza);
        it.expect_nothing(ANY_PUBLICATION).await;

        // Still not so after it was made so: somebody else makes it otherwise.
        it.captures = Default::default();
        let (outcome, ()) = tokio::join!(publish(&api, &options), async {
            it.expect(PUBLISH).await;
            it.recv(CONFLICT).await;
            it.expect(CONFIGURE).await;
            it.recv("<iq type='result' id='{{c}}'/>").await;
            it.captures = Default::default();
            it.expect(PUBLISH).await;
            it.recv(CONFLICT).await;
        });
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Stanza);
        it.expect_nothing(ANY_PUBLICATION).await;
    });
}

const ESSENTIAL: &str = "<iq type='set' id='{{p}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
    <publish node='urn:xmpp:bookmarks:1'/><publish-options><x xmlns='jabber:x:data'>\
    <field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>";
const ALL: &str = "<iq type='set' id='{{c}}'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>\
    <configure node='urn:xmpp:bookmarks:1'><x xmlns='jabber:x:data' type='submit'>\
    <field var='pubsub#access_model'><value>whitelist</value></field>\
    <field var='pubsub#max_items'><value>max</value></field></x></configure></pubsub></iq>";

/// Some services know few conditions (XEP-0060 §7.1.5: they must refuse the others).
#[test]
fn conditions_that_a_service_does_not_know_are_configured() {
    play_with(checks, |mut it| async move {
        let (api, options) = (it.api.clone(), PublishOptions::private().keeping_all());
        let unknown = "<iq type='error' id='{{p}}'><error type='wait'>\
            <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
        let missing = "<iq type='error' id='{{c}}'><error type='cancel'>\
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
        let is_there = [true, false];
        for is_there in is_there {
            it.captures = Default::default();
            let (id, ()) = tokio::join!(publish(&api, &options), async {
                let sent = it.expect(PUBLISH).await;
                assert!(sent.to_xml().contains("max_items"));
                it.recv(unknown).await;
                it.expect(ALL).await;
                it.recv(if is_there {
                    "<iq type='result' id='{{c}}'/>"
                } else {
                    missing
                })
                .await;
                it.captures = Default::default();
                let sent = it.expect(ESSENTIAL).await;
                assert!(!sent.to_xml().contains("max_items"));
                it.recv("<iq type='result' id='{{p}}'/>").await;
                if !is_there {
                    it.expect(ALL).await;
                    it.recv("<iq type='result' id='{{c}}'/>").await;
                }
            });
            assert_eq!(id.unwrap(), "atrium");
        }
        // With nothing left out there is nothing to try.
        it.captures = Default::default();
        let options = PublishOptions::private();
        let (outcome, ()) = tokio::join!(publish(&api, &options), async {
            it.expect(PUBLISH).await;
            it.recv(unknown).await;
        });
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Stanza);
        it.expect_nothing("<iq type='set'/>").await;
    });
}

/// A node keeps one item if nobody says otherwise, at some services: one more would take its place.
#[test]
fn a_node_that_cannot_keep_all_its_items_gets_none_more() {
    play_with(checks, |mut it| async move {
        let error = |id: &str, condition: &str| {
            format!(
                "<iq type='error' id='{{{{{id}}}}}'><error type='cancel'>\
                 <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )
        };
        let (api, options) = (it.api.clone(), PublishOptions::private().keeping_all());
        let (outcome, ()) = tokio::join!(publish(&api, &options), async {
            it.expect(PUBLISH).await;
            it.recv(&error("p", "resource-constraint")).await;
            it.expect(ALL).await;
            it.recv(&error("c", "not-allowed")).await;
        });
        let refused = outcome.unwrap_err();
        assert!(
            refused.to_string().contains("resource-constraint"),
            "{refused}"
        );
        it.expect_nothing("<iq type='set'/>").await;

        // One that is to keep the newest alone can lose nothing.
        it.captures = Default::default();
        let options = PublishOptions::private().with("pubsub#max_items", "1");
        let (id, ()) = tokio::join!(publish(&api, &options), async {
            it.expect(PUBLISH).await;
            it.recv(&error("p", "resource-constraint")).await;
            it.expect(CONFIGURE).await;
            it.recv(&error("c", "not-allowed")).await;
            it.captures = Default::default();
            it.expect(ESSENTIAL).await;
            it.recv("<iq type='result' id='{{p}}'/>").await;
            it.expect(CONFIGURE).await;
            it.recv(&error("c", "not-allowed")).await;
        });
        assert_eq!(id.unwrap(), "atrium");
    });
}

#[test]
fn items_are_read_as_far_as_they_can_be() {
    play(|mut it| async move {
        let (api, otto): (_, BareJid) = (it.api.clone(), "otto@heron.example".parse().unwrap());
        let request = "<iq type='get' to='otto@heron.example' id='{{i}}'>\
            <pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:n' max_items='2'/></pubsub></iq>";
        let answer = |node: &str| {
            format!(
                "<iq type='result' id='{{{{i}}}}' from='otto@heron.example'>\
                 <pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{node}'>\
                 <item id='1'><a xmlns='urn:a'>x</a></item><item><a xmlns='urn:a'/></item><item id=''/>\
                 <item id='2'/><other id='3'/></items></pubsub></iq>"
            )
        };
        let pubsub = api.pubsub();
        let (items, ()) = tokio::join!(pubsub.items(&otto, "urn:n", Items::newest(2)), async {
            it.expect(request).await;
            it.recv(&answer("urn:n")).await;
        });
        let items = items.unwrap();
        let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, ["1", "2"]);
        assert_eq!(items[0].payload.as_ref().unwrap().text(), "x");
        assert_eq!(items[1].payload, None);

        it.captures = Default::default();
        let (items, ()) = tokio::join!(pubsub.items(&otto, "urn:n", Items::newest(2)), async {
            it.expect(request).await;
            it.recv(&answer("urn:other")).await;
        });
        assert_eq!(items.unwrap_err().kind(), ErrorKind::InvalidResponse);
    });
}

async fn answered(it: &mut Scene, request: &str, condition: Option<&str>) {
    it.captures = Default::default();
    it.expect(request).await;
    let answer = match condition {
        None => "<iq type='result' id='{{i}}'/>".to_owned(),
        Some(condition) => format!(
            "<iq type='error' id='{{{{i}}}}'><error type='cancel'>\
             <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ),
    };
    it.recv(&answer).await;
}

#[test]
fn what_is_not_there_has_no_items_and_is_removed_already() {
    play(|mut it| async move {
        let (api, own): (_, BareJid) = (it.api.clone(), OWN.parse().unwrap());
        let pubsub = api.pubsub();
        let items = "<iq type='get' id='{{i}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
            <items node='urn:n'><item id='a'/></items></pubsub></iq>";
        let retract = "<iq type='set' id='{{i}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
            <retract node='urn:n' notify='true'><item id='a'/></retract></pubsub></iq>";
        let delete = "<iq type='set' id='{{i}}'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>\
            <delete node='urn:n'/></pubsub></iq>";
        let missing = Some("item-not-found");
        let (found, ()) = tokio::join!(
            pubsub.items(&own, "urn:n", Items::ids(["a"])),
            answered(&mut it, items, missing)
        );
        assert!(found.unwrap().is_empty());
        for condition in [None, missing] {
            let (done, ()) = tokio::join!(
                pubsub.retract("urn:n", "a"),
                answered(&mut it, retract, condition)
            );
            done.unwrap();
            let (done, ()) =
                tokio::join!(pubsub.delete("urn:n"), answered(&mut it, delete, condition));
            done.unwrap();
        }
        let refused = Some("forbidden");
        let (done, ()) = tokio::join!(pubsub.delete("urn:n"), answered(&mut it, delete, refused));
        assert_eq!(done.unwrap_err().kind(), ErrorKind::Stanza);
    });
}

#[test]
fn names_that_are_none_are_refused_before_anything_is_sent() {
    play(|it| async move {
        let pubsub = it.api.pubsub();
        let long = "n".repeat(5_000);
        for node in ["", long.as_str()] {
            let error = pubsub.delete(node).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("`node`"), "{error}");
            let error = pubsub.retract("urn:n", node).await.unwrap_err();
            assert!(error.to_string().contains("`id`"), "{error}");
        }
        it.expect_nothing("<iq type='set'/>").await;
    });
}
