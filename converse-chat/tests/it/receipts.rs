//! Delivery receipts (XEP-0184).

use converse_chat::prelude::*;
use converse_core::prelude::*;

use crate::scene::{online, online_with};

const RECEIPT: &str = "<message><received xmlns='urn:xmpp:receipts'/></message>";

fn asking(from: &str, id: &str) -> String {
    format!(
        "<message from='{from}' to='mara@kestrel.example/desk' type='chat' id='{id}'><body>got it?</body><request xmlns='urn:xmpp:receipts'/></message>"
    )
}

#[test]
fn a_contact_who_asks_is_told_once() {
    online(|mut it| async move {
        it.recv(&asking("otto@heron.example/oar", "r1")).await;
        let receipt = it.expect("<message to='otto@heron.example/oar' type='chat'><received xmlns='urn:xmpp:receipts' id='r1'/></message>").await;
        assert_eq!(receipt.children().count(), 1);
        // The same again is no new message.
        it.recv(&asking("otto@heron.example/oar", "r1")).await;
        it.expect_nothing(RECEIPT).await;
        it.recv("<message from='otto@heron.example/oar' id='r2'><body>x</body><request xmlns='urn:xmpp:receipts'/></message>").await;
        let receipt = it.expect("<message to='otto@heron.example/oar'><received xmlns='urn:xmpp:receipts' id='r2'/></message>").await;
        assert_eq!(receipt.attr("type"), None);
        // Delivered late is delivered.
        it.recv("<message from='otto@heron.example/oar' type='chat' id='r3'><body>x</body><request xmlns='urn:xmpp:receipts'/><delay xmlns='urn:xmpp:delay' from='kestrel.example' stamp='2026-02-01T00:00:00Z'/></message>").await;
        it.expect("<message><received xmlns='urn:xmpp:receipts' id='r3'/></message>")
            .await;
    });
}

#[test]
fn whoever_may_not_know_that_the_user_is_there_is_not_told() {
    let settings = settings! { "allow_non_roster_messaging": true };
    online_with(settings, |it| async move {
        for from in [
            "vex@mallard.example/x9",
            "juno@teal.example/t",
            "mara@kestrel.example/phone",
        ] {
            it.recv(&asking(from, "r1")).await;
        }
        it.expect_nothing(RECEIPT).await;
        assert_eq!(it.messages("juno@teal.example").len(), 1);
    });
}

#[test]
fn copies_errors_and_rooms_are_not_acknowledged() {
    online(|it| async move {
        let inner = asking("otto@heron.example/oar", "r1").replacen(
            "<message",
            "<message xmlns='jabber:client'",
            1,
        );
        it.recv(&format!("<message from='mara@kestrel.example' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></received></message>")).await;
        assert_eq!(it.messages("otto@heron.example").len(), 1);
        for type_ in ["error", "groupchat"] {
            it.recv(
                &asking("otto@heron.example/oar", "r2").replace("'chat'", &format!("'{type_}'")),
            )
            .await;
        }
        it.expect_nothing(RECEIPT).await;
        it.api.settings().set("send_receipts", false).unwrap();
        it.recv(&asking("otto@heron.example/oar", "r3")).await;
        it.expect_nothing(RECEIPT).await;
    });
}

#[test]
fn what_is_sent_asks_and_is_delivered_when_its_addressee_says_so() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.send_message("ack me").await.unwrap();
        it.expect("<message to='otto@heron.example' id='{{m}}'><body>ack me</body><request xmlns='urn:xmpp:receipts'/></message>").await;
        it.acknowledged().await;
        let receipt = |from: &str| {
            format!(
                "<message from='{from}' to='mara@kestrel.example/desk' id='z1'><received xmlns='urn:xmpp:receipts' id='{{{{m}}}}'/></message>"
            )
        };
        let delivery = || chat.messages().last().unwrap().unwrap().delivery;
        for from in [
            "vex@mallard.example/x9",
            "ines@heron.example/pad",
            "heron.example",
            "mara@kestrel.example/phone",
        ] {
            it.recv(&receipt(from)).await;
            assert_eq!(delivery(), Some(Delivery::Acknowledged), "{from}");
        }
        it.events().await;
        it.recv(&receipt("otto@heron.example/oar")).await;
        it.recv(&receipt("otto@heron.example/pad")).await;
        assert_eq!(delivery(), Some(Delivery::Delivered));
        assert_eq!(it.payloads("messageDeliveryChanged").await.len(), 1);
        it.recv("<message type='error' id='{{m}}' from='otto@heron.example/pad'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>").await;
        assert_eq!(delivery(), Some(Delivery::Delivered));
        assert_eq!(it.api.chats().all().len(), 1);
    });
}

#[test]
fn receipts_to_other_clients_count_and_ask_for_nothing() {
    online(|it| async move {
        it.recv("<message from='mara@kestrel.example' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='mara@kestrel.example/phone' to='otto@heron.example' type='chat' id='k1'><body>x</body><request xmlns='urn:xmpp:receipts'/></message></forwarded></sent></message>").await;
        it.recv("<message from='mara@kestrel.example' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='otto@heron.example/oar' to='mara@kestrel.example/phone' type='chat'><received xmlns='urn:xmpp:receipts' id='k1'/></message></forwarded></received></message>").await;
        it.expect_nothing(RECEIPT).await;
        assert_eq!(
            it.messages("otto@heron.example")[0].delivery,
            Some(Delivery::Delivered)
        );
    });
}

#[test]
fn notes_to_oneself_ask_for_nothing() {
    online(|mut it| async move {
        let chat = it.api.chats().open("mara@kestrel.example").await.unwrap();
        chat.send_message("milk").await.unwrap();
        let note = it
            .expect("<message to='mara@kestrel.example'><body>milk</body></message>")
            .await;
        assert!(note.child("request", "urn:xmpp:receipts").is_none());
        assert!(note.child("markable", "urn:xmpp:chat-markers:0").is_none());
    });
}

#[test]
fn a_thousand_who_ask_at_once_are_all_told() {
    online(|mut it| async move {
        let flood: String = (0..1_000)
            .map(|n| asking("otto@heron.example/oar", &format!("f{n}")))
            .collect();
        it.recv(&flood).await;
        it.expect("<message><received xmlns='urn:xmpp:receipts' id='f999'/></message>")
            .await;
        let receipts = it.server.sent().into_iter().filter(|sent| {
            let element = sent.element();
            element.is_some_and(|element| element.child("received", "urn:xmpp:receipts").is_some())
        });
        assert_eq!(receipts.count(), 1_000);
    });
}
