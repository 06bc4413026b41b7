//! What was displayed, the same on all clients of the account (XEP-0490).

use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;
use tokio::time::sleep;

use crate::scene::Scene;

const PUBLISH: &str = "<iq type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:mds:displayed:0'/></pubsub></iq>";
const ITEMS: &str = "<iq type='get' id='{{items}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:mds:displayed:0'/></pubsub></iq>";

/// An account that keeps private nodes, and vouches for stanza ids.
fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.account_features = [
        "http://jabber.org/protocol/pubsub#publish-options",
        "urn:xmpp:sid:0",
    ]
    .map(ToOwned::to_owned)
    .into();
    plan.auto.remove("bookmarks");
    plan
}

async fn online(more: SettingsMap, plan: Plan) -> Scene {
    Scene::new(plan, more, true).await
}

fn message(n: u32) -> String {
    format!(
        "<message from='otto@heron.example/oar' type='chat' id='a{n}'><body>{n}</body><stanza-id xmlns='urn:xmpp:sid:0' by='mara@kestrel.example' id='s{n}'/></message>"
    )
}

fn item(jid: &str, by: &str, id: &str) -> String {
    format!(
        "<item id='{jid}'><displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='{id}'/></displayed></item>"
    )
}

fn event(from: &str, item: &str) -> String {
    format!(
        "<message from='{from}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:mds:displayed:0'>{item}</items></event></message>"
    )
}

async fn seconds(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
    clock::settle().await;
}

#[test]
fn what_was_displayed_is_published_a_little_later_and_once() {
    clock::run(async {
        let mut it = online(settings! {}, plan()).await;
        it.expect(ITEMS).await;
        for n in 1..=3 {
            it.recv(&message(n)).await;
        }
        let chat = it.chat("otto@heron.example").unwrap();
        chat.mark_displayed("a1").unwrap();
        chat.focus().unwrap();
        it.expect_nothing(PUBLISH).await;
        seconds(2).await;
        it.expect(
            "<iq type='set' id='{{i}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:mds:displayed:0'>\
             <item id='otto@heron.example'><displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='mara@kestrel.example' id='s3'/></displayed></item></publish>\
             <publish-options><x xmlns='jabber:x:data' type='submit'>\
             <field var='pubsub#persist_items'><value>true</value></field>\
             <field var='pubsub#max_items'><value>max</value></field>\
             <field var='pubsub#send_last_published_item'><value>never</value></field>\
             <field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>",
        )
        .await;
        it.recv("<iq type='result' id='{{i}}'/>").await;
        // The own event says nothing new.
        it.recv(&event(
            "mara@kestrel.example",
            &item("otto@heron.example", "mara@kestrel.example", "s3"),
        ))
        .await;
        chat.show().unwrap();
        seconds(10).await;
        it.expect_nothing(PUBLISH).await;
    });
}

#[test]
fn what_another_client_has_displayed_is_read() {
    clock::run(async {
        let mut it = online(settings! {}, plan()).await;
        assert!(
            it.api
                .features()
                .contains("urn:xmpp:mds:displayed:0+notify")
        );
        it.expect(ITEMS).await;
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.minimize().unwrap();
        for n in 1..=3 {
            it.recv(&message(n)).await;
        }
        let own = "mara@kestrel.example";
        // From others, about others, of others.
        for forged in [
            event("otto@heron.example", &item("otto@heron.example", own, "s3")),
            event(
                "mara@kestrel.example/phone",
                &item("otto@heron.example", own, "s3"),
            ),
            event(own, &item("ines@heron.example", own, "s3")),
            event(own, &item("otto@heron.example", "otto@heron.example", "s3")),
            event(own, &item("otto@heron.example", own, "s9")),
            event(own, "<item id='otto@heron.example'/>"),
        ] {
            it.recv(&forged).await;
            assert_eq!(chat.unread().unwrap(), 3, "{forged}");
        }
        it.recv(&event(own, &item("otto@heron.example", own, "s2")))
            .await;
        assert_eq!(chat.unread().unwrap(), 1);
        it.recv(&event(own, &item("otto@heron.example", own, "s1")))
            .await;
        assert_eq!(chat.unread().unwrap(), 1, "it only moves forward");
        // What was displayed before it came here is read when it comes.
        it.recv(&event(own, &item("otto@heron.example", own, "s4")))
            .await;
        it.recv(&message(4)).await;
        assert_eq!(chat.unread().unwrap(), 0);
        seconds(10).await;
        it.expect_nothing(PUBLISH).await;
    });
}

#[test]
fn what_was_displayed_while_this_client_was_away_is_asked_for() {
    clock::run(async {
        let mut it = online(settings! {}, plan()).await;
        it.expect(ITEMS).await;
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.minimize().unwrap();
        it.recv(&message(1)).await;
        it.recv(&message(2)).await;
        let own = "mara@kestrel.example";
        let items = [
            item("otto@heron.example", own, "s1"),
            item("ines@heron.example", own, "t2"),
        ]
        .concat();
        it.recv(&format!("<iq type='result' id='{{{{items}}}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:mds:displayed:0'>{items}</items></pubsub></iq>")).await;
        assert_eq!(chat.unread().unwrap(), 1);

        // A chat that opens later knows it too, and does not publish it again.
        for n in 1..=2 {
            it.recv(&message(n).replace("otto", "ines").replace("'s", "'t"))
                .await;
        }
        let other = it.chat("ines@heron.example").unwrap();
        other.focus().unwrap();
        seconds(10).await;
        it.expect_nothing(PUBLISH).await;
    });
}

#[test]
fn a_server_that_keeps_only_so_much_is_asked_for_that() {
    clock::run(async {
        let mut it = online(settings! {}, plan()).await;
        it.expect(ITEMS).await;
        it.recv(&message(1)).await;
        it.chat("otto@heron.example").unwrap().focus().unwrap();
        seconds(2).await;
        let publish = "<iq type='set' id='{{i}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish-options><x xmlns='jabber:x:data'><field var='pubsub#max_items'/></x></publish-options></pubsub></iq>";
        it.expect(publish).await;
        it.recv("<iq type='error' id='{{i}}'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").await;
        it.expect("<iq type='set' id='{{c}}'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure/></pubsub></iq>").await;
        it.recv("<iq type='error' id='{{c}}'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").await;
        it.expect("<iq type='set' id='{{j}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish-options><x xmlns='jabber:x:data'><field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>").await;
        it.expect_nothing(publish).await;
    });
}

#[test]
fn nothing_is_published_where_everybody_could_read_it() {
    clock::run(async {
        let mut weak = plan();
        weak.account_features.remove(0);
        let off = settings! { "synchronize_displayed": false };
        for (settings, plan) in [(settings! {}, weak), (off, plan())] {
            let it = online(settings, plan).await;
            it.recv(&message(1)).await;
            it.chat("otto@heron.example").unwrap().focus().unwrap();
            seconds(10).await;
            it.expect_nothing(PUBLISH).await;
            it.expect_nothing(
                "<iq type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>",
            )
            .await;
        }
    });
}
