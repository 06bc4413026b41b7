//! Chat states (XEP-0085).

use converse_chat::prelude::*;
use converse_core::ns;

use crate::scene::online;

#[test]
fn states_are_taken_and_a_message_ends_the_writing() {
    online(|it| async move {
        assert!(it.api.features().contains(ns::CHAT_STATES));
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        it.events().await;
        let state = |name: &str, more: &str| {
            format!(
                "<message from='otto@heron.example/oar' type='chat'><{name} xmlns='http://jabber.org/protocol/chatstates'/>{more}</message>"
            )
        };
        it.recv(&state("composing", "")).await;
        it.recv(&state("composing", "")).await;
        assert_eq!(
            chat.contact_chat_state().unwrap(),
            Some(ChatState::Composing)
        );
        let changes = it.payloads("chatStateChanged").await;
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0]["state"], "composing");

        it.recv("<message from='otto@heron.example/oar' type='chat'><body>done</body></message>")
            .await;
        assert_eq!(chat.contact_chat_state().unwrap(), None);
        it.recv(&state(
            "gone",
            "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>",
        ))
        .await;
        it.recv(&state("asleep", "")).await;
        assert_eq!(chat.contact_chat_state().unwrap(), None);
        it.recv(&state("active", "<body>really</body>")).await;
        assert_eq!(chat.contact_chat_state().unwrap(), Some(ChatState::Active));
        assert_eq!(chat.messages().all().unwrap().len(), 2);
    });
}
