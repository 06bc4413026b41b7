//! What is unread.

use converse_chat::prelude::*;
use converse_core::prelude::*;
use serde_json::Value;

use crate::scene::{Scene, online};

fn message(more: &str) -> String {
    format!("<message from='otto@heron.example/oar' type='chat'>{more}</message>")
}

async fn counts(it: &Scene) -> Vec<Value> {
    let changes = it.payloads("unreadChanged").await;
    changes
        .into_iter()
        .map(|change| change["count"].clone())
        .collect()
}

#[test]
fn what_comes_while_a_chat_is_aside_is_unread() {
    online(|it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        it.recv(&message("<body>in sight</body>")).await;
        assert_eq!(chat.unread().unwrap(), 0);
        chat.minimize().unwrap();
        it.recv(&message("<body>1</body>")).await;
        it.recv(&message(
            "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        ))
        .await;
        it.recv(&message("<received xmlns='urn:xmpp:receipts' id='x'/>"))
            .await;
        it.recv("<message from='mara@kestrel.example' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='mara@kestrel.example/phone' to='otto@heron.example' type='chat'><body>own</body></message></forwarded></sent></message>").await;
        chat.send_message("own").await.unwrap();
        it.recv(&message("<body>2</body>")).await;
        assert_eq!(chat.unread().unwrap(), 2);
        assert_eq!(chat.get("num_unread").unwrap(), Some(json!(2)));
        assert_eq!(counts(&it).await, [1, 2]);
        chat.show().unwrap();
        assert_eq!(chat.unread().unwrap(), 2, "it is minimized still");
        chat.maximize().unwrap();
        assert_eq!(chat.unread().unwrap(), 0);
        chat.focus().unwrap();
        assert_eq!(counts(&it).await, [0]);
    });
}

#[test]
fn what_comes_while_the_application_is_out_of_view_is_unread() {
    online(|it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        let api = it.api.clone();
        let window = |state: &str| api.emit("windowStateChanged", json!({ "state": state }));
        chat.focus().unwrap();
        window("hidden").await.unwrap();
        it.recv(&message("<body>1</body>")).await;
        assert_eq!(chat.unread().unwrap(), 1);
        window("visible").await.unwrap();
        assert_eq!(chat.unread().unwrap(), 0);
        it.recv(&message("<body>2</body>")).await;
        assert_eq!(chat.unread().unwrap(), 0);
    });
}

#[test]
fn what_another_client_has_shown_is_read() {
    online(|it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.minimize().unwrap();
        for n in 1..=4 {
            it.recv(&message("<body>x</body>").replacen("type", &format!("id='a{n}' type"), 1))
                .await;
        }
        assert_eq!(chat.unread().unwrap(), 4);
        let marker = |id: &str| {
            format!(
                "<message from='mara@kestrel.example' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='mara@kestrel.example/phone' to='otto@heron.example' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/></message></forwarded></sent></message>"
            )
        };
        it.recv(&marker("a3")).await;
        assert_eq!(chat.unread().unwrap(), 1);
        it.recv(&marker("a1")).await;
        it.recv(&marker("nonsense")).await;
        assert_eq!(chat.unread().unwrap(), 1, "it only moves forward");
        it.recv(&marker("a4")).await;
        assert_eq!(chat.unread().unwrap(), 0);
    });
}
