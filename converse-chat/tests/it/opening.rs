//! Opening, closing and looking after chats.

use converse_chat::prelude::*;
use converse_core::prelude::*;

use crate::scene::{online, online_with};

#[test]
fn a_closed_chat_stays_closed_when_another_is_opened() {
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
        it.expect_nothing("<message><body>x</body></message>").await;

        let again = it.api.chats().open("otto@heron.example").await.unwrap();
        assert_ne!(again, chat);
        assert!(again.messages().all().unwrap().is_empty());
        closed(chat.focus().unwrap_err());
        assert!(again.close().await.is_ok());
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
