//! Opening, closing and looking after chats.

use converse_chat::prelude::*;
use converse_core::prelude::*;

use crate::scene::{online, online_with};

const OPENED: [&str; 3] = [
    "chatBoxInitialized",
    "chatBoxOpened",
    "afterMessagesFetched",
];

#[test]
fn api_136_to_139_getting_never_opens() {
    online(|it| async move {
        let chats = it.api.chats();
        assert!(chats.get("otto@heron.example").unwrap().is_none());
        assert!(
            chats
                .get_many(["otto@heron.example", "x@y.example"])
                .unwrap()
                .iter()
                .all(Option::is_none)
        );
        assert!(chats.all().is_empty());
        assert_eq!(
            chats.get("not a jid").unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        let otto = chats.open("Otto@heron.example/oar").await.unwrap();
        assert_eq!(chats.get("otto@heron.example").unwrap(), Some(otto.clone()));
        let got = chats
            .get_many(["ines@heron.example", "otto@heron.example"])
            .unwrap();
        assert_eq!(got, [None, Some(otto.clone())]);
        assert_eq!(chats.all(), [otto]);
    });
}

#[test]
fn api_140_to_145_opening() {
    online(|it| async move {
        let chats = it.api.chats();
        let otto = chats.open("otto@heron.example").await.unwrap();
        assert_eq!(it.events().await, OPENED);
        assert_eq!(chats.open("otto@heron.example/oar").await.unwrap(), otto);
        assert!(it.events().await.is_empty());
        let both = chats
            .open_many(["ines@heron.example", "otto@heron.example"])
            .await
            .unwrap();
        assert_eq!(both[0].jid().as_str(), "ines@heron.example");
        assert_eq!(both[1], otto);
        for text in ["", "not a jid"] {
            assert_eq!(
                chats.open(text).await.unwrap_err().kind(),
                ErrorKind::InvalidArgument
            );
        }
        let stranger = chats.open("vex@mallard.example").await.unwrap_err();
        assert_eq!(stranger.kind(), ErrorKind::InvalidArgument);
        assert_eq!(chats.all().len(), 2);
        it.api
            .settings()
            .set("allow_non_roster_messaging", true)
            .unwrap();
        assert!(chats.open("vex@mallard.example").await.is_ok());
    });
}

#[test]
fn api_147_157_a_closed_chat_is_gone_and_its_handles_are_stale() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        it.expect("<message to='otto@heron.example' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        chat.send_message("hello").await.unwrap();
        it.expect("<message to='otto@heron.example'><body>hello</body></message>")
            .await;
        it.events().await;
        chat.close().await.unwrap();
        it.expect("<message to='otto@heron.example' type='chat'><inactive xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        assert_eq!(it.events().await, ["chatBoxClosed"]);
        assert!(it.chat("otto@heron.example").is_none());

        let closed = |error: Error| assert_eq!(error.kind(), ErrorKind::Closed);
        closed(chat.close().await.unwrap_err());
        closed(chat.send_message("x").await.unwrap_err());
        closed(chat.messages().all().unwrap_err());
        closed(chat.get("url").unwrap_err());
        closed(chat.set("height", 3).unwrap_err());
        closed(chat.focus().unwrap_err());
        closed(chat.show().unwrap_err());
        closed(chat.minimize().unwrap_err());
        closed(chat.maximize().unwrap_err());
        it.expect_nothing("<message><body>x</body></message>").await;

        let again = it.api.chats().open("otto@heron.example").await.unwrap();
        assert_ne!(again, chat);
        assert!(again.messages().all().unwrap().is_empty());
        closed(chat.focus().unwrap_err());
        assert!(again.close().await.is_ok());
    });
}

#[test]
fn api_148_to_153_attention_and_attributes() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        it.events().await;
        chat.minimize().unwrap();
        chat.minimize().unwrap();
        it.recv("<message from='otto@heron.example/oar' type='chat'><body>1</body></message>")
            .await;
        it.recv("<message from='otto@heron.example/oar' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        assert_eq!(chat.get("num_unread").unwrap(), Some(json!(1)));
        assert_eq!(chat.get("minimized").unwrap(), Some(json!(true)));
        chat.maximize().unwrap();
        assert_eq!(chat.unread().unwrap(), 0);
        assert_eq!(it.payloads("chatBoxToggled").await.len(), 2);

        chat.focus().unwrap();
        chat.show().unwrap();
        let focused = it.payloads("chatBoxFocused").await;
        assert_eq!(focused[0]["jid"], "otto@heron.example");

        assert_eq!(chat.get("url").unwrap(), Some(json!("")));
        chat.set("url", "https://heron.example/otto").unwrap();
        chat.set("height", 300).unwrap();
        assert_eq!(
            chat.get("url").unwrap(),
            Some(json!("https://heron.example/otto"))
        );
        assert_eq!(chat.get("height").unwrap(), Some(json!(300)));
        assert_eq!(chat.get("no_such").unwrap(), None);
        assert_eq!(
            chat.set("jid", "x@y").unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        let shown = serde_json::to_value(&chat).unwrap();
        assert_eq!(
            (&shown["height"], &shown["type"]),
            (&json!(300), &json!("chatbox"))
        );
    });
}

#[test]
fn nobody_learns_that_the_user_is_there_by_a_chat_that_is_opened() {
    online_with(
        settings! { "allow_non_roster_messaging": true },
        |it| async move {
            for jid in [
                "vex@mallard.example",
                "juno@teal.example",
                "mara@kestrel.example",
            ] {
                let chat = it.api.chats().open(jid).await.unwrap();
                chat.close().await.unwrap();
            }
            it.expect_nothing("<message/>").await;
        },
    );
}

#[test]
fn before_any_session_chats_can_be_opened_and_nothing_can_be_sent() {
    online_with(settings! { "auto_login": false }, |it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        let error = chat.send_message("x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        assert!(chat.messages().all().unwrap().is_empty());
        it.api.user().login(()).await.unwrap();
        it.api.wait_until("chatBoxesFetched").await.unwrap();
        assert_eq!(
            it.payloads("chatBoxesFetched").await[0][0]["jid"],
            "otto@heron.example"
        );
    });
}
