//! The rows of the 3.2 document's **chats** grouping, one test each.

use converse_chat::prelude::*;
use converse_core::prelude::*;

use crate::scene::{online, online_with};

const OTTO: &str = "otto@heron.example";
const INES: &str = "ines@heron.example";

#[test]
fn api_136_get_gives_an_open_chat() {
    online(|it| async move {
        let opened = it.api.chats().open(OTTO).await.unwrap();
        let got = it.api.chats().get("Otto@heron.example/oar").unwrap();
        assert_eq!(got, Some(opened));
    });
}

#[test]
fn api_137_get_of_somebody_without_a_chat_is_none_and_opens_nothing() {
    online(|it| async move {
        for jid in [OTTO, "nobody@mallard.example"] {
            assert_eq!(it.api.chats().get(jid).unwrap(), None);
        }
        assert!(it.api.chats().all().is_empty());
        assert!(it.events().await.is_empty());
        let error = it.api.chats().get("not a jid").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn api_138_get_many_keeps_the_order_and_opens_nothing() {
    online(|it| async move {
        let otto = it.api.chats().open(OTTO).await.unwrap();
        let got = it.api.chats().get_many([INES, OTTO]).unwrap();
        assert_eq!(got, [None, Some(otto)]);
        assert_eq!(it.api.chats().all().len(), 1);
    });
}

#[test]
fn api_139_all_are_the_open_chats_with_one_person() {
    online(|it| async move {
        it.recv("<message from='kestrel.example' type='headline'><body>Notice</body></message>")
            .await;
        let otto = it.api.chats().open(OTTO).await.unwrap();
        let ines = it.api.chats().open(INES).await.unwrap();
        assert_eq!(it.api.chats().all(), [ines, otto]);
    });
}

#[test]
fn api_140_open_gives_a_chat_that_get_finds() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        let opened = it.payloads("chatBoxOpened").await;
        assert_eq!(opened.len(), 1);
        assert_eq!(opened[0]["jid"], OTTO);
        assert_eq!(it.chat(OTTO), Some(chat));
    });
}

#[test]
fn api_141_open_again_is_the_same_chat() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        it.events().await;
        assert_eq!(it.api.chats().open(OTTO).await.unwrap(), chat);
        assert!(!it.events().await.contains(&"chatBoxOpened".to_owned()));
        assert_eq!(it.api.chats().all().len(), 1);
    });
}

#[test]
fn api_142_open_many_keeps_the_order() {
    online(|it| async move {
        let both = it.api.chats().open_many([OTTO, INES]).await.unwrap();
        let jids: Vec<_> = both.iter().map(|chat| chat.jid().as_str()).collect();
        assert_eq!(jids, [OTTO, INES]);
    });
}

#[test]
fn api_143_open_without_an_address_is_an_error() {
    online(|it| async move {
        for text in ["", "not a jid"] {
            let error = it.api.chats().open(text).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("chats.open"), "{error}");
        }
        assert!(it.api.chats().all().is_empty());
    });
}

#[test]
fn api_144_open_of_a_stranger_is_an_error_unless_strangers_may_write() {
    online(|it| async move {
        let vex = "vex@mallard.example";
        let error = it.api.chats().open(vex).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(it.chat(vex).is_none());
    });
    let allowed = settings! { "allow_non_roster_messaging": true };
    online_with(allowed, |it| async move {
        assert!(it.api.chats().open("vex@mallard.example").await.is_ok());
    });
}

#[test]
fn api_145_open_with_a_resource_is_the_chat_with_the_person() {
    online(|it| async move {
        let chat = it.api.chats().open("otto@heron.example/oar").await.unwrap();
        assert_eq!(chat.jid().as_str(), OTTO);
    });
}

#[test]
fn api_146_open_of_a_room_is_no_join() {
    let allowed = settings! { "allow_non_roster_messaging": true };
    online_with(allowed, |it| async move {
        let room = "atrium@rooms.kestrel.example";
        let chat = it.api.chats().open(room).await.unwrap();
        assert_eq!(chat.get("type").unwrap(), Some(json!("chatbox")));
        let join = format!("<presence to='{room}/mara'/>");
        it.expect_nothing(&join).await;
    });
}

#[test]
fn api_147_close_takes_the_chat_away_and_says_so() {
    online(|mut it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        it.events().await;
        chat.close().await.unwrap();
        it.expect("<message to='otto@heron.example'><inactive xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        assert_eq!(it.events().await, ["chatBoxClosed"]);
        assert!(it.chat(OTTO).is_none());
    });
}

#[test]
fn api_148_focus_is_announced_and_reads_what_is_there() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        chat.minimize().unwrap();
        it.recv(
            "<message from='otto@heron.example/oar' type='chat' id='a'><body>1</body></message>",
        )
        .await;
        chat.maximize().unwrap();
        it.events().await;
        chat.focus().unwrap();
        assert_eq!(it.payloads("chatBoxFocused").await[0]["jid"], OTTO);
        assert_eq!(chat.unread().unwrap(), 0);
        it.expect_nothing("<message><body/></message>").await;
    });
}

#[test]
fn api_149_show_can_be_called_again_and_again() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        chat.show().unwrap();
        chat.show().unwrap();
        assert_eq!(chat.get("hidden").unwrap(), Some(json!(false)));
    });
}

#[test]
fn api_150_minimize_and_maximize_flip_the_attribute() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        it.events().await;
        let minimized = || chat.get("minimized").unwrap();
        chat.minimize().unwrap();
        assert_eq!(minimized(), Some(json!(true)));
        chat.maximize().unwrap();
        assert_eq!(minimized(), Some(json!(false)));
        assert_eq!(it.payloads("chatBoxToggled").await.len(), 2);
    });
}

#[test]
fn api_151_height_is_a_plain_attribute() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        assert_eq!(chat.get("height").unwrap(), None);
        chat.set("height", 300).unwrap();
        assert_eq!(chat.get("height").unwrap(), Some(json!(300)));
        assert_eq!(serde_json::to_value(&chat).unwrap()["height"], 300);
    });
}

#[test]
fn api_152_url_is_empty_until_it_is_set() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        assert_eq!(chat.get("url").unwrap(), Some(json!("")));
        chat.set("url", "https://heron.example/otto").unwrap();
        assert_eq!(
            chat.get("url").unwrap(),
            Some(json!("https://heron.example/otto"))
        );
    });
}

#[test]
fn api_153_an_attribute_that_is_not_there_is_none() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        assert_eq!(chat.get("no_such").unwrap(), None);
        let error = chat.set("jid", INES).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn api_154_initiate_otr_is_unsupported_and_sends_nothing() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        let error = chat.initiate_otr().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        it.expect_nothing("<message><body/></message>").await;
    });
}

#[test]
fn api_155_156_end_otr_without_a_session_does_nothing() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        chat.end_otr().unwrap();
        it.expect_nothing("<message><body/></message>").await;
    });
}

#[test]
fn api_157_a_handle_of_a_closed_chat_says_so_whatever_it_is_asked() {
    online(|it| async move {
        let chat = it.api.chats().open(OTTO).await.unwrap();
        let id = chat.send_message("hello").await.unwrap();
        let messages = chat.messages();
        chat.close().await.unwrap();
        let errors = [
            chat.close().await.unwrap_err(),
            chat.send_message("x").await.unwrap_err(),
            chat.compose("x").send().await.unwrap_err(),
            chat.correct(&id, "x").await.unwrap_err(),
            chat.retract(&id).await.unwrap_err(),
            chat.react(&id, ["👍"]).await.unwrap_err(),
            messages.all().unwrap_err(),
            messages.last().unwrap_err(),
            messages.get(&id).unwrap_err(),
            messages.count().unwrap_err(),
            messages.subscribe().unwrap_err(),
            chat.get("url").unwrap_err(),
            chat.set("height", 3).unwrap_err(),
            chat.focus().unwrap_err(),
            chat.show().unwrap_err(),
            chat.minimize().unwrap_err(),
            chat.maximize().unwrap_err(),
            chat.is_minimized().unwrap_err(),
            chat.unread().unwrap_err(),
            chat.contact_chat_state().unwrap_err(),
            chat.initiate_otr().unwrap_err(),
            chat.end_otr().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        }
        assert!(it.chat(OTTO).is_none());
    });
}
