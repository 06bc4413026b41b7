//! Corrections (XEP-0308), retractions (XEP-0424) and reactions (XEP-0444), those that come and those that are sent.

use converse_chat::prelude::*;
use converse_core::prelude::*;

use crate::scene::{Scene, online, online_with};

const OTTO: &str = "otto@heron.example";

fn says(from: &str, id: &str, body: &str, more: &str) -> String {
    format!("<message from='{from}' type='chat' id='{id}'><body>{body}</body>{more}</message>")
}

fn replace(id: &str) -> String {
    format!("<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>")
}

fn retract(from: &str, id: &str) -> String {
    says(
        from,
        &format!("retract-{id}"),
        "/me retracted a previous message, but it's unsupported by your client.",
        &format!(
            "<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"
        ),
    )
}

fn react(from: &str, stanza: &str, id: &str, emojis: &[&str], more: &str) -> String {
    let emojis: String = emojis
        .iter()
        .map(|emoji| format!("<reaction>{emoji}</reaction>"))
        .collect();
    format!(
        "<message from='{from}' type='chat' id='{stanza}'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>{emojis}</reactions>{more}</message>"
    )
}

/// A chat with a message that was sent, its id in `m`.
async fn sent(it: &mut Scene, body: &str) -> (Chat, MessageId) {
    let chat = it.api.chats().open(OTTO).await.unwrap();
    let id = chat.send_message(body).await.unwrap();
    it.expect(&format!(
        "<message to='{OTTO}' id='{{{{m}}}}'><body>{body}</body></message>"
    ))
    .await;
    it.events().await;
    (chat, id)
}

#[test]
fn a_correction_changes_the_message_and_is_announced() {
    online(|it| async move {
        it.recv(&says("otto@heron.example/oar", "c1", "teh", ""))
            .await;
        it.events().await;
        // From another of his clients.
        it.recv(&says(
            "otto@heron.example/phone",
            "c2",
            "the",
            &replace("c1"),
        ))
        .await;
        assert_eq!(it.events().await, ["message", "messageUpdated"]);
        let messages = it.messages(OTTO);
        assert_eq!((messages.len(), messages[0].body.as_str()), (1, "the"));
        let edit = messages[0].edited.as_ref().unwrap();
        assert_eq!((edit.count, edit.older[0].body.as_str()), (1, "teh"));
        // The same again says nothing.
        it.recv(&says(
            "otto@heron.example/phone",
            "c2",
            "the",
            &replace("c1"),
        ))
        .await;
        assert!(it.events().await.is_empty());
        let shown = serde_json::to_value(&messages[0]).unwrap();
        assert_eq!(shown["edited"]["older"][0]["body"], "teh");
    });
}

#[test]
fn a_correction_comes_before_its_message() {
    online(|it| async move {
        it.recv(&says("otto@heron.example/oar", "c2", "the", &replace("c1")))
            .await;
        assert!(
            it.events()
                .await
                .ends_with(&["message".to_owned(), "messageAdded".to_owned()])
        );
        let alone = it.messages(OTTO);
        assert_eq!(alone[0].replaces.as_ref().unwrap().as_str(), "c1");
        it.recv(&says("otto@heron.example/oar", "c1", "teh", ""))
            .await;
        assert_eq!(it.events().await, ["message", "messageUpdated"]);
        let messages = it.messages(OTTO);
        assert_eq!((messages.len(), messages[0].body.as_str()), (1, "the"));
        assert_eq!(messages[0].id.as_ref().unwrap().as_str(), "c1");
    });
}

#[test]
fn nobody_changes_what_the_user_wrote() {
    online(|mut it| async move {
        let (chat, id) = sent(&mut it, "I agree").await;
        let correction = says(
            "otto@heron.example/oar",
            "c2",
            "I refuse",
            &replace("{{m}}"),
        );
        it.recv(&correction).await;
        it.recv(&retract("otto@heron.example/oar", "{{m}}")).await;
        let refused = it.payloads("messageRefused").await;
        assert_eq!(refused.len(), 2);
        assert_eq!(refused[0]["id"], id.as_str());
        assert_eq!(refused[0]["by"], OTTO);
        assert_eq!(refused[0]["reason"], "not-the-author");
        let messages = chat.messages().all().unwrap();
        assert_eq!((messages.len(), messages[0].body.as_str()), (1, "I agree"));
        assert!(messages[0].edited.is_none() && messages[0].retracted.is_none());
    });
}

#[test]
fn another_contact_changes_nothing() {
    let allowed = settings! { "allow_non_roster_messaging": true };
    online_with(allowed, |it| async move {
        it.recv(&says("otto@heron.example/oar", "c1", "pay 10", ""))
            .await;
        let vex = "vex@mallard.example/x9";
        it.recv(&says(vex, "c2", "pay 9999", &replace("c1"))).await;
        it.recv(&retract(vex, "c1")).await;
        it.recv(&react(vex, "r", "c1", &["👍"], "")).await;
        let messages = it.messages(OTTO);
        assert_eq!((messages.len(), messages[0].body.as_str()), (1, "pay 10"));
        assert!(messages[0].edited.is_none() && messages[0].reactions.is_empty());
    });
}

#[test]
fn a_retraction_leaves_nothing_of_the_text() {
    online(|it| async move {
        it.recv(&says("otto@heron.example/oar", "s1", "secret", ""))
            .await;
        it.recv(&says(
            "otto@heron.example/oar",
            "s2",
            "secrets",
            &replace("s1"),
        ))
        .await;
        it.events().await;
        it.recv(&retract("otto@heron.example/phone", "s1")).await;
        let updates = it.payloads("messageUpdated").await;
        assert_eq!(updates[0]["update"], "retracted");
        let messages = it.messages(OTTO);
        assert_eq!(messages.len(), 1);
        assert!(messages[0].retracted.is_some());
        assert!(!serde_json::to_string(&messages).unwrap().contains("secret"));
        it.recv(&retract("otto@heron.example/phone", "s1")).await;
        assert!(it.events().await.is_empty());
    });
}

#[test]
fn what_comes_before_its_message_waits_also_without_a_chat() {
    online(|it| async move {
        it.recv(&retract("otto@heron.example/oar", "s1")).await;
        it.recv(&react("otto@heron.example/oar", "r1", "s2", &["👍"], ""))
            .await;
        assert!(it.events().await.is_empty());
        assert!(it.chat(OTTO).is_none());
        it.recv(&says("otto@heron.example/oar", "s2", "two", ""))
            .await;
        it.recv(&says("otto@heron.example/oar", "s1", "one", ""))
            .await;
        let added = it.payloads("messageAdded").await;
        assert_eq!(added[0]["message"]["reactions"][0]["emoji"], "👍");
        assert_eq!(added[1]["message"]["body"], "");
        assert!(it.messages(OTTO)[1].retracted.is_some());
    });
}

#[test]
fn reactions_are_those_of_the_newest_set() {
    online(|mut it| async move {
        let (chat, _) = sent(&mut it, "hello").await;
        let otto = "otto@heron.example/oar";
        it.recv(&react(otto, "r1", "{{m}}", &["👋", "👋", "🐢"], ""))
            .await;
        it.recv(&react(otto, "r1", "{{m}}", &["👋", "👋", "🐢"], ""))
            .await;
        assert_eq!(it.events().await, ["messageUpdated"]);
        let old = "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>";
        it.recv(&react(otto, "r0", "{{m}}", &["💔"], old)).await;
        it.recv(&react(otto, "r2", "{{m}}", &["not an emoji", "x"], ""))
            .await;
        assert_eq!(it.payloads("messageRefused").await[0]["reason"], "no-emoji");
        let shown = || -> Vec<String> {
            let message = chat.messages().last().unwrap().unwrap();
            message.reactions.into_iter().map(|one| one.emoji).collect()
        };
        assert_eq!(shown(), ["👋", "🐢"]);
        it.recv(&react(otto, "r3", "{{m}}", &[], "")).await;
        assert!(shown().is_empty());
    });
}

#[test]
fn a_correction_is_sent_and_changes_the_own_message() {
    online(|mut it| async move {
        let (chat, id) = sent(&mut it, "teh").await;
        let new = chat.correct(&id, "the").await.unwrap();
        assert_ne!(new, id);
        it.expect("<message to='otto@heron.example' type='chat' id='{{n}}'><body>the</body><origin-id xmlns='urn:xmpp:sid:0' id='{{n}}'/><replace xmlns='urn:xmpp:message-correct:0' id='{{m}}'/></message>").await;
        let message = chat.messages().last().unwrap().unwrap();
        assert_eq!(
            (message.body.as_str(), message.id.as_ref()),
            ("the", Some(&id))
        );
        // The original is named also when the correction is corrected.
        chat.correct(&new, "them").await.unwrap();
        it.expect("<message><body>them</body><replace xmlns='urn:xmpp:message-correct:0' id='{{m}}'/></message>").await;
        assert_eq!(chat.messages().count().unwrap(), 1);
        let message = chat.messages().last().unwrap().unwrap();
        assert_eq!(message.edited.unwrap().count, 2);
    });
}

#[test]
fn a_retraction_is_sent_and_is_final() {
    online(|mut it| async move {
        let (chat, id) = sent(&mut it, "oops").await;
        chat.retract(&id).await.unwrap();
        it.expect("<message to='otto@heron.example' type='chat' id='{{n}}'><body/><retract xmlns='urn:xmpp:message-retract:1' id='{{m}}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/><store xmlns='urn:xmpp:hints'/></message>").await;
        assert!(chat.messages().last().unwrap().unwrap().retracted.is_some());
        for error in [
            chat.retract(&id).await.unwrap_err(),
            chat.correct(&id, "again").await.unwrap_err(),
            chat.react(&id, ["👍"]).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        }
    });
}

#[test]
fn reactions_are_sent_to_messages_of_either() {
    online(|mut it| async move {
        let (chat, id) = sent(&mut it, "mine").await;
        it.recv("<message from='otto@heron.example/oar' type='chat' id='a1'><body>his</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>").await;
        chat.react("a1", ["👍", "👍", "🐢"]).await.unwrap();
        // By the origin id, if there is one (XEP-0444 §4.2).
        let sent = it.expect("<message to='otto@heron.example' type='chat' id='{{r}}'><reactions xmlns='urn:xmpp:reactions:0' id='o1'><reaction>👍</reaction><reaction>🐢</reaction></reactions><store xmlns='urn:xmpp:hints'/></message>").await;
        let reactions = sent.child("reactions", "urn:xmpp:reactions:0").unwrap();
        assert_eq!(reactions.children().count(), 2);
        chat.react(&id, ["❤️"]).await.unwrap();
        let messages = chat.messages().all().unwrap();
        assert_eq!(messages[0].reactions[0].emoji, "❤️");
        assert_eq!(messages[1].reactions.len(), 2);
        chat.react("a1", [""; 0]).await.unwrap();
        assert!(
            chat.messages()
                .last()
                .unwrap()
                .unwrap()
                .reactions
                .is_empty()
        );
    });
}

#[test]
fn what_is_not_the_users_and_what_makes_no_sense_is_refused() {
    online(|mut it| async move {
        let (chat, id) = sent(&mut it, "mine").await;
        it.recv(&says("otto@heron.example/oar", "a1", "his", ""))
            .await;
        for error in [
            chat.correct("a1", "ours").await.unwrap_err(),
            chat.retract("a1").await.unwrap_err(),
            chat.correct(&id, "").await.unwrap_err(),
            chat.correct("unknown", "x").await.unwrap_err(),
            chat.react("unknown", ["👍"]).await.unwrap_err(),
            chat.react("a1", ["nice"]).await.unwrap_err(),
            chat.correct(&id, "a\u{0}b").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        }
        it.expect_nothing("<message><replace xmlns='urn:xmpp:message-correct:0'/></message>")
            .await;
        assert_eq!(chat.messages().count().unwrap(), 2);
    });
}

#[test]
fn what_does_not_arrive_is_taken_back() {
    online(|mut it| async move {
        let (chat, id) = sent(&mut it, "teh").await;
        chat.react(&id, ["👍"]).await.unwrap();
        let new = chat.react(&id, ["💔"]).await.unwrap();
        let bounce = |id: &MessageId| {
            format!(
                "<message type='error' id='{id}' from='otto@heron.example/oar'><error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            )
        };
        it.acknowledged().await;
        it.events().await;
        it.recv(&bounce(&new)).await;
        assert_eq!(it.events().await, ["messageUpdated", "messageUpdateFailed"]);
        let message = chat.messages().last().unwrap().unwrap();
        assert_eq!(message.reactions[0].emoji, "👍");
        // The message itself did arrive.
        assert_eq!(message.delivery, Some(Delivery::Acknowledged));
        assert!(message.error.is_none());
        let first = chat.correct(&id, "the").await.unwrap();
        let second = chat.correct(&id, "them").await.unwrap();
        it.events().await;
        it.recv(&bounce(&first)).await;
        assert_eq!(it.events().await, ["messageUpdateFailed"]);
        it.recv(&bounce(&second)).await;
        let failed = it.payloads("messageUpdateFailed").await;
        assert_eq!(failed[0]["error"]["condition"], "not-acceptable");
        assert_eq!(chat.messages().last().unwrap().unwrap().body, "the");
    });
}
