//! Messages that come (RFC 6121 §5, §8).

use converse_chat::prelude::*;
use converse_chat::{Chat, MessageKind};
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;

use crate::scene::{Scene, online, online_with};

#[test]
fn a_message_opens_the_chat_and_is_announced() {
    online(|it| async move {
        it.recv("<message from='otto@heron.example/oar' type='chat' id='a1'><body>Low water at nine.</body></message>").await;
        assert_eq!(
            it.events().await,
            [
                "chatBoxInitialized",
                "chatBoxOpened",
                "afterMessagesFetched",
                "message",
                "messageAdded"
            ]
        );
        let messages = it.messages("otto@heron.example");
        let message = serde_json::to_value(&messages).unwrap();
        assert_eq!(
            message,
            json!([{
                "id": "a1", "sender": "them", "from": "otto@heron.example/oar", "type": "chat",
                "body": "Low water at nine.", "time": messages[0].time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                "delayed": false,
            }])
        );
        it.recv("<message from='otto@heron.example/oar' id='a2'><body>And again.</body></message>")
            .await;
        let payload = it.payloads("message").await.remove(0);
        assert_eq!(payload["chatbox"]["jid"], "otto@heron.example");
        assert!(payload["stanza"].as_str().unwrap().contains("And again."));
        assert_eq!(
            it.messages("otto@heron.example")[1].kind,
            MessageKind::Normal
        );
    });
}

#[test]
fn what_has_no_text_opens_nothing() {
    online(|it| async move {
        for stanza in [
            "<message from='otto@heron.example/oar' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
            "<message from='otto@heron.example/oar' type='chat'><body xmlns='urn:example:evil'>y</body></message>",
            "<message from='otto@heron.example/oar' type='chat'><body/></message>",
            "<message from='otto@heron.example/oar' type='groupchat'><body>x</body></message>",
            "<message from='otto@heron.example' type='chat'><x xmlns='http://jabber.org/protocol/muc#user'/><body>x</body></message>",
            "<message from='vex@mallard.example/x9' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' from='otto@heron.example/oar' type='chat'><body>Come alone</body></message></forwarded></received></message>",
        ] {
            it.recv(stanza).await;
        }
        assert!(it.events().await.is_empty());
        assert!(it.api.chats().all().is_empty());
    });
}

#[test]
fn strangers_write_only_if_they_may() {
    const WRITTEN: &str =
        "<message from='vex@mallard.example/x9' type='chat'><body>hello</body></message>";
    online(|it| async move {
        it.recv(WRITTEN).await;
        assert!(it.events().await.is_empty());
        it.api
            .settings()
            .set("allow_non_roster_messaging", true)
            .unwrap();
        it.recv(WRITTEN).await;
        assert_eq!(it.messages("vex@mallard.example").len(), 1);
    });
    // Without a roster nobody is known to be a stranger.
    clock::run(async {
        let it = Scene::new(Plan::new("kestrel.example"), settings! {}, false).await;
        it.recv(WRITTEN).await;
        assert_eq!(it.messages("vex@mallard.example").len(), 1);
    });
}

#[test]
fn strangers_cannot_open_any_number_of_chats() {
    online_with(
        settings! { "allow_non_roster_messaging": true },
        |it| async move {
            it.recv("<message from='v0@mallard.example' type='chat'><body>x</body></message>")
                .await;
            it.recv("<message from='v1@mallard.example' type='chat'><body>x</body></message>")
                .await;
            let wanted = it.api.chats().open("v0@mallard.example").await.unwrap();
            let unwanted = it.chat("v1@mallard.example").unwrap();
            for batch in 0..6 {
                let flood: String = (0..250)
                .map(|n| format!("<message from='w{batch}-{n}@mallard.example' type='chat'><body>x</body></message>"))
                .collect();
                it.recv(&flood).await;
            }
            assert_eq!(it.api.chats().all().len(), 1_001);
            assert_eq!(wanted.messages().all().unwrap().len(), 1);
            assert_eq!(
                unwanted.messages().all().unwrap_err().kind(),
                ErrorKind::Closed
            );
        },
    );
}

#[test]
fn a_chat_keeps_its_newest_messages() {
    online(|it| async move {
        for batch in 0..5 {
            let flood: String = (0..250)
                .map(|n| format!("<message from='otto@heron.example/o' type='chat'><body>{batch}-{n}</body></message>"))
                .collect();
            it.recv(&flood).await;
        }
        let messages = it.messages("otto@heron.example");
        assert_eq!(messages.len(), 1_000);
        assert_eq!(messages[0].body, "1-0");
        assert_eq!(messages[999].body, "4-249");
    });
}

#[test]
fn stamps_that_cannot_be_are_the_time_of_arrival() {
    online(|it| async move {
        for stamp in [
            "99999-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "yesterday",
            "2099-01-01T00:00:00Z",
        ] {
            it.recv(&format!(
                "<message from='otto@heron.example/oar' type='chat'><body>f</body><delay xmlns='urn:xmpp:delay' stamp='{stamp}'/></message>"
            ))
            .await;
        }
        it.recv("<message from='otto@heron.example/oar' type='chat'><body>f</body><delay xmlns='urn:xmpp:delay' stamp='2026-02-10T23:08:25Z'/></message>").await;
        let messages = it.messages("otto@heron.example");
        assert_eq!(
            messages.iter().filter(|message| !message.delayed).count(),
            4
        );
        assert_eq!(messages[4].time.to_rfc3339(), "2026-02-10T23:08:25+00:00");
        assert!(messages[4].delayed);
    });
}

#[test]
fn headlines_are_no_conversation() {
    online(|it| async move {
        it.recv("<message from='kestrel.example' type='headline'><subject>Notice</subject><body>Maintenance at dusk</body></message>").await;
        assert_eq!(it.payloads("message").await.len(), 1);
        assert!(it.api.chats().all().is_empty());
        let headlines: Vec<Chat> = it.api.chats().headlines();
        assert_eq!(
            headlines[0].messages().all().unwrap()[0].subject.as_deref(),
            Some("Notice")
        );
        assert_eq!(
            headlines[0].send_message("x").await.unwrap_err().kind(),
            ErrorKind::Unsupported
        );
        it.recv("<message from='spam@mallard.example' type='headline'><body>Buy</body></message>")
            .await;
        assert_eq!(it.api.chats().headlines().len(), 1);
    });
}

#[test]
fn what_the_user_writes_elsewhere_is_his_own() {
    online(|mut it| async move {
        it.recv("<message from='mara@kestrel.example/phone' type='chat' id='n1'><body>note to self</body></message>").await;
        it.recv(
            "<message type='chat' id='n2'><body>from nobody is from the account</body></message>",
        )
        .await;
        let notes = it.messages("mara@kestrel.example");
        assert_eq!(notes.len(), 2);
        assert!(notes.iter().all(|note| note.sender == SentBy::Me));

        // What is sent to oneself comes back and is the same message.
        let chat = it.api.chats().open("mara@kestrel.example").await.unwrap();
        chat.send_message("echo").await.unwrap();
        it.expect("<message to='mara@kestrel.example' id='{{m}}'/>")
            .await;
        it.recv("<message from='mara@kestrel.example/desk' type='chat' id='{{m}}'><body>echo</body></message>").await;
        assert_eq!(chat.messages().all().unwrap().len(), 3);
    });
}
