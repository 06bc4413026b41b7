//! Copies of what the account's other clients send and receive (XEP-0280).

use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;

use crate::scene::{Scene, online, online_with};

const OUTER: &str = "from='mara@kestrel.example' to='mara@kestrel.example/desk' type='chat'";
const ENABLE: &str = "<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>";

fn copy(outer: &str, side: &str, inner: &str) -> String {
    format!(
        "<message {outer}><{side} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{side}></message>"
    )
}

/// What a contact wrote to another client.
fn received(more: &str) -> String {
    let inner = format!(
        "<message xmlns='jabber:client' from='otto@heron.example/oar' to='mara@kestrel.example/phone' type='chat' id='k1'>{more}</message>"
    );
    copy(OUTER, "received", &inner)
}

/// What another client wrote to a contact.
fn sent(more: &str) -> String {
    let inner = format!(
        "<message xmlns='jabber:client' from='mara@kestrel.example/phone' to='otto@heron.example' type='chat' id='k1'>{more}</message>"
    );
    copy(OUTER, "sent", &inner)
}

fn plan(features: &[&str]) -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.server_features = features.iter().map(ToString::to_string).collect();
    plan
}

#[test]
fn copies_are_asked_for_where_there_are_any() {
    clock::run(async {
        let offering = plan(&["urn:xmpp:carbons:2"]);
        let mut it = Scene::new(offering.clone(), settings! {}, true).await;
        let request = it.expect(ENABLE).await;
        assert_eq!(request.attr("to"), None);
        it.expect_nothing(ENABLE).await;

        let it = Scene::new(plan(&[]), settings! {}, true).await;
        it.expect_nothing(ENABLE).await;
        let off = settings! { "message_carbons": false };
        let it = Scene::new(offering, off, true).await;
        it.expect_nothing(ENABLE).await;
    });
}

#[test]
fn copies_are_asked_for_again_in_a_new_session_only() {
    clock::run(async {
        let mut plan = plan(&["urn:xmpp:carbons:2"]);
        plan.stream_management = true;
        let mut it = Scene::new(plan, settings! {}, true).await;
        it.expect(ENABLE).await;
        it.server.drop_connection();
        it.expect("<resume xmlns='urn:xmpp:sm:3'/>").await;
        it.expect_nothing(ENABLE).await;

        it.server.forget_session();
        it.server.drop_connection();
        let minute = Duration::from_secs(60);
        it.expect_within(ENABLE, minute).await;
    });
}

#[test]
fn both_sides_of_a_conversation_are_shown() {
    online(|it| async move {
        let delay = "<delay xmlns='urn:xmpp:delay' stamp='2026-02-10T08:00:00Z'/>";
        let late = received("<body>Low water at nine.</body>").replacen(
            "<message xmlns",
            &format!("{delay}<message xmlns"),
            1,
        );
        it.recv(&late).await;
        it.recv(&sent("<body>Then we start at eight.</body>")).await;
        let messages = it.messages("otto@heron.example");
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0].sender, SentBy::Them);
        assert_eq!(messages[0].from.as_str(), "otto@heron.example/oar");
        assert_eq!(messages[0].time.to_rfc3339(), "2026-02-10T08:00:00+00:00");
        assert_eq!(messages[1].sender, SentBy::Me);
        assert_eq!(messages[1].body, "Then we start at eight.");
        assert_eq!(messages[1].delivery, Some(Delivery::Acknowledged));
        assert_eq!(it.payloads("message").await.len(), 2);
    });
}

#[test]
fn a_copy_of_what_is_here_is_not_shown_again() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.send_message("once").await.unwrap();
        it.expect("<message to='otto@heron.example' id='{{m}}'><body>once</body></message>")
            .await;
        let inner = "<message xmlns='jabber:client' from='mara@kestrel.example/desk' to='otto@heron.example' type='chat' id='{{m}}'><body>once</body></message>";
        it.recv(&copy(OUTER, "sent", inner)).await;
        assert_eq!(it.messages("otto@heron.example").len(), 1);
    });
}

#[test]
fn nobody_else_makes_copies() {
    online_with(
        settings! { "allow_non_roster_messaging": true, "forward_messages": true },
        |it| async move {
            it.events().await;
            for from in [
                "vex@mallard.example/x9",
                "otto@heron.example/oar",
                "otto@heron.example",
                "mara@kestrel.example/phone",
                "mara@kestrel.example/desk",
                "kestrel.example",
            ] {
                for copied in [received("<body>x</body>"), sent("<body>x</body>")] {
                    let forged = copied.replacen(
                        "from='mara@kestrel.example'",
                        &format!("from='{from}'"),
                        1,
                    );
                    it.recv(&forged.replacen("type='chat'>", "type='chat'><body>y</body>", 1))
                        .await;
                    it.recv(&forged).await;
                }
            }
            // A copy of a copy, and a copy inside what somebody forwards.
            let inner = received("<body>x</body>").replacen(
                "<message",
                "<message xmlns='jabber:client'",
                1,
            );
            it.recv(&copy(OUTER, "received", &inner)).await;
            it.recv(&format!("<message from='otto@heron.example/oar'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></message>")).await;
            assert!(it.events().await.is_empty());
            assert!(it.api.chats().all().is_empty());
        },
    );
}

#[test]
fn what_the_user_writes_elsewhere_is_not_what_the_other_one_does() {
    online(|it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        let composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
        it.recv(&sent(composing)).await;
        assert_eq!(chat.contact_chat_state().unwrap(), None);
        it.recv(&received(composing)).await;
        assert_eq!(
            chat.contact_chat_state().unwrap(),
            Some(ChatState::Composing)
        );
        it.recv(&sent("<body>I write too.</body>")).await;
        assert_eq!(
            chat.contact_chat_state().unwrap(),
            Some(ChatState::Composing)
        );
    });
}

#[test]
fn an_error_that_another_client_got_belongs_to_its_message() {
    online(|it| async move {
        it.recv(&sent("<body>Are you there?</body>")).await;
        let error = received(
            "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        );
        it.recv(&error.replacen("/phone' type='chat'", "/phone' type='error'", 1))
            .await;
        let messages = it.messages("otto@heron.example");
        assert_eq!(messages[0].delivery, Some(Delivery::Failed));
        assert_eq!(
            messages[0].error.as_ref().unwrap().condition,
            "service-unavailable"
        );
    });
}

#[test]
fn a_private_message_of_a_room_opens_no_chat_with_the_room() {
    online(|it| async move {
        let inner = "<message xmlns='jabber:client' from='mara@kestrel.example/phone' to='atrium@rooms.kestrel.example/pia' type='chat' id='k1'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>";
        it.recv(&copy(OUTER, "sent", inner)).await;
        assert!(it.api.chats().all().is_empty());
    });
}

#[test]
fn messages_to_another_client_are_ignored_if_that_is_set() {
    const OTHER: &str = "<message from='otto@heron.example/oar' to='mara@kestrel.example/phone' type='chat'><body>x</body></message>";
    online(|it| async move {
        it.recv(OTHER).await;
        assert_eq!(it.messages("otto@heron.example").len(), 1);
        it.api.settings().set("filter_by_resource", true).unwrap();
        it.recv(OTHER).await;
        assert_eq!(it.messages("otto@heron.example").len(), 1);
        it.recv(&OTHER.replace("/phone", "/desk")).await;
        it.recv(&OTHER.replace("/phone", "")).await;
        it.recv(&received("<body>x</body>")).await;
        assert_eq!(it.messages("otto@heron.example").len(), 4);
    });
}

#[test]
fn what_is_sent_is_forwarded_to_the_own_account_if_that_is_set() {
    const FORWARDED: &str = "<message to='mara@kestrel.example' type='chat'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'/>\
        <message xmlns='jabber:client' from='mara@kestrel.example/desk' to='otto@heron.example' id='{{m}}'><body>to both</body></message></forwarded></message>";
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.send_message("to one").await.unwrap();
        it.expect_nothing("<message><forwarded xmlns='urn:xmpp:forward:0'/></message>")
            .await;
        it.api.settings().set("forward_messages", true).unwrap();
        chat.send_message("to both").await.unwrap();
        it.expect("<message to='otto@heron.example' id='{{m}}'><body>to both</body></message>")
            .await;
        it.expect(FORWARDED).await;

        chat.compose("to one again")
            .hint(Hint::NoCopy)
            .send()
            .await
            .unwrap();
        it.expect("<message to='otto@heron.example'><body>to one again</body><private xmlns='urn:xmpp:carbons:2'/></message>").await;
        it.expect_nothing("<message><forwarded xmlns='urn:xmpp:forward:0'/></message>")
            .await;

        // It comes back to whoever sent it, too.
        let own = |from: &str, id: &str| {
            format!(
                "<message from='{from}' to='mara@kestrel.example' type='chat'><forwarded xmlns='urn:xmpp:forward:0'>\
                 <message xmlns='jabber:client' from='{from}' to='otto@heron.example' type='chat' id='{id}'><body>x</body></message></forwarded></message>"
            )
        };
        it.recv(&own("mara@kestrel.example/desk", "{{m}}")).await;
        assert_eq!(chat.messages().count().unwrap(), 3);
        it.recv(&own("mara@kestrel.example/phone", "p1")).await;
        assert_eq!(chat.messages().count().unwrap(), 4);
        it.recv(&own("otto@heron.example/oar", "p2")).await;
        it.api.settings().set("forward_messages", false).unwrap();
        it.recv(&own("mara@kestrel.example/phone", "p3")).await;
        assert_eq!(chat.messages().count().unwrap(), 4);
    });
}
