//! Chats and messages that outlive the process: each scene is a process, and all have one store.

use std::sync::Arc;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_core::store::MemoryStore;
use converse_core::view::Diff;
use converse_testkit::clock;

use crate::scene::Scene;

const OTTO: &str = "otto@heron.example";
const INES: &str = "ines@heron.example";

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new().as_durable())
}

async fn scene(store: &Arc<MemoryStore>) -> Scene {
    Scene::at(store, settings! {}).await
}

fn says(from: &str, id: &str, body: &str, more: &str) -> String {
    format!("<message from='{from}/oar' type='chat' id='{id}'><body>{body}</body>{more}</message>")
}

fn late(stamp: &str) -> String {
    format!("<delay xmlns='urn:xmpp:delay' from='kestrel.example' stamp='{stamp}'/>")
}

fn reacts(stanza: &str, id: &str, emoji: &str) -> String {
    format!(
        "<message from='{OTTO}/oar' type='chat' id='{stanza}'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>\
         <reaction>{emoji}</reaction></reactions></message>"
    )
}

fn replace(id: &str) -> String {
    format!("<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>")
}

fn retracts(id: &str) -> String {
    format!(
        "<message from='{OTTO}/oar' type='chat' id='retract-{id}'>\
         <retract xmlns='urn:xmpp:message-retract:1' id='{id}'/></message>"
    )
}

fn bodies(scene: &Scene, jid: &str) -> Vec<String> {
    let messages = scene.messages(jid).into_iter();
    messages.map(|message| message.body).collect()
}

/// So many messages of one process.
async fn many(store: &Arc<MemoryStore>, count: usize) {
    let it = scene(store).await;
    for n in 0..count {
        it.recv(&says(OTTO, &format!("m{n}"), &format!("b{n}"), ""))
            .await;
    }
    end(it).await;
}

/// The process ends without a word.
async fn end(it: Scene) {
    clock::settle().await;
    it.server.drop_connection();
    drop(it);
    clock::settle().await;
}

#[test]
fn after_a_restart_everything_is_as_it_was() {
    clock::run(async {
        let store = store();
        let mut it = scene(&store).await;
        it.recv(&says(OTTO, "o1", "teh", "")).await;
        it.recv(&says(OTTO, "o2", "the", &replace("o1"))).await;
        let chat = it.chat(OTTO).unwrap();
        let id = chat.send_message("Low water at nine.").await.unwrap();
        it.expect("<message to='otto@heron.example'><body>Low water at nine.</body></message>")
            .await;
        it.recv(&reacts("r1", id.as_str(), "👍")).await;
        chat.react("o1", ["🐢"]).await.unwrap();
        chat.set("height", 300).unwrap();
        let ines = it.api.chats().open(INES).await.unwrap();
        ines.minimize().unwrap();
        it.recv(&says(INES, "i1", "hello", "")).await;
        it.recv(&says(INES, "i2", "hello?", "")).await;
        it.acknowledged().await;
        let before = [it.messages(OTTO), it.messages(INES)];
        end(it).await;

        let it = scene(&store).await;
        assert_eq!([it.messages(OTTO), it.messages(INES)], before);
        let (chat, ines) = (it.chat(OTTO).unwrap(), it.chat(INES).unwrap());
        assert_eq!(chat.get("height").unwrap(), Some(json!(300)));
        assert!(ines.is_minimized().unwrap() && !chat.is_minimized().unwrap());
        assert_eq!((chat.unread().unwrap(), ines.unread().unwrap()), (0, 2));
        let fetched = it.payloads("chatBoxesFetched").await.remove(0);
        let jids: Vec<_> = fetched
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["jid"].clone())
            .collect();
        assert_eq!(jids, [INES, OTTO]);
        assert_eq!(fetched[0]["num_unread"], 2);
        let events = it.events().await;
        let expected = [
            "chatBoxInitialized",
            "chatBoxOpened",
            "chatBoxInitialized",
            "chatBoxOpened",
            "afterMessagesFetched",
            "afterMessagesFetched",
        ];
        assert_eq!(events, expected, "nothing is new");

        // It goes on where it was.
        ines.maximize().unwrap();
        assert_eq!(ines.unread().unwrap(), 0);
        it.recv(&says(OTTO, "o3", "they", &replace("o2"))).await;
        it.recv(&says(OTTO, "o2", "the", &replace("o1"))).await;
        let first = it.messages(OTTO).remove(0);
        assert_eq!(
            (first.body.as_str(), first.edited.unwrap().count),
            ("they", 2)
        );
        end(it).await;
        let it = scene(&store).await;
        assert_eq!(bodies(&it, OTTO), ["they", "Low water at nine."]);
        assert_eq!(it.chat(INES).unwrap().unread().unwrap(), 0);
    });
}

#[test]
fn what_is_not_kept_for_good_is_not_written() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let it = scene(&store).await;
        it.recv(&says(OTTO, "o1", "hello", "")).await;
        end(it).await;
        let it = scene(&store).await;
        assert!(it.chat(OTTO).is_none());
    });
}

#[test]
fn a_chat_that_was_closed_is_closed_and_has_its_messages_when_it_is_opened() {
    clock::run(async {
        let store = store();
        let it = scene(&store).await;
        it.recv(&says(OTTO, "o1", "hello", "")).await;
        it.chat(OTTO).unwrap().close().await.unwrap();
        // At once, while it is still being written.
        let chat = it.api.chats().open(OTTO).await.unwrap();
        assert_eq!(bodies(&it, OTTO), ["hello"]);
        assert_eq!(chat.messages().get("o1").unwrap().unwrap().body, "hello");
        chat.close().await.unwrap();
        end(it).await;

        let it = scene(&store).await;
        assert!(it.chat(OTTO).is_none());
        it.events().await;
        // Somebody writes: that is not the first message.
        it.recv(&says(OTTO, "o2", "again", "")).await;
        assert_eq!(bodies(&it, OTTO), ["hello", "again"]);
        let events = it.events().await;
        let expected = [
            "chatBoxInitialized",
            "chatBoxOpened",
            "afterMessagesFetched",
            "message",
            "messageAdded",
        ];
        assert_eq!(events, expected);
    });
}

#[test]
fn what_is_said_of_a_message_in_a_closed_chat_is_kept() {
    clock::run(async {
        let store = store();
        let it = scene(&store).await;
        it.recv(&says(OTTO, "o1", "hello", "")).await;
        it.chat(OTTO).unwrap().close().await.unwrap();
        it.recv(&reacts("r1", "o1", "👍")).await;
        assert!(it.chat(OTTO).is_none());
        let chat = it.api.chats().open(OTTO).await.unwrap();
        let message = chat.messages().last().unwrap().unwrap();
        assert_eq!(message.reactions[0].emoji, "👍");
    });
}

#[test]
fn the_newest_are_here_and_older_ones_come_when_they_are_asked_for() {
    clock::run(async {
        let store = store();
        many(&store, 130).await;
        let it = scene(&store).await;
        let all: Vec<String> = (0..130).map(|n| format!("b{n}")).collect();
        assert_eq!(bodies(&it, OTTO), all[80..]);
        let messages = it.chat(OTTO).unwrap().messages();
        let mut view = messages.subscribe().unwrap();
        let older = messages.load_older(60).await.unwrap();
        assert_eq!((older.added, older.is_complete), (60, false));
        assert!(matches!(view.try_next(), Some(Diff::Insert { .. })));
        let older = messages.load_older(60).await.unwrap();
        assert_eq!((older.added, older.is_complete), (20, true));
        assert_eq!(bodies(&it, OTTO), all);
        while view.try_next().is_some() {}
        assert_eq!(view.snapshot(), it.messages(OTTO));
        assert_eq!(it.payloads("messageAdded").await.len(), 0);
    });
}

#[test]
fn a_message_that_comes_again_is_not_new_however_old_it_is() {
    clock::run(async {
        let store = store();
        many(&store, 130).await;
        let it = scene(&store).await;
        it.events().await;
        for id in ["m3", "m100"] {
            // As a server sends it again that was not told that it came, and as one that kept it.
            it.recv(&says(OTTO, id, "again", "")).await;
            it.recv(&says(OTTO, id, "again", &late("2026-01-01T00:00:00Z")))
                .await;
        }
        assert!(it.events().await.is_empty());
        it.recv(&says(OTTO, "new", "new", "")).await;
        assert_eq!(it.events().await, ["message", "messageAdded"]);
    });
}

#[test]
fn changes_reach_what_is_only_in_the_store() {
    clock::run(async {
        let store = store();
        many(&store, 130).await;
        let mut it = scene(&store).await;
        it.events().await;
        it.recv(&says(OTTO, "c1", "better", &replace("m3"))).await;
        let updated = it.payloads("messageUpdated").await.remove(0);
        assert_eq!(updated["message"]["body"], "better");
        assert_eq!(updated["update"], "corrected");
        assert_eq!(it.payloads("messageAdded").await.len(), 0);
        it.recv(&retracts("m4")).await;
        it.recv(&reacts("r1", "m5", "👍")).await;
        assert_eq!(it.payloads("messageUpdated").await.len(), 2);
        it.forget().await;
        end(it).await;

        it = scene(&store).await;
        let messages = it.chat(OTTO).unwrap().messages();
        messages.load_older(100).await.unwrap();
        let get = |id: &str| messages.get(id).unwrap().unwrap();
        assert_eq!(get("m3").body, "better");
        assert!(get("m4").retracted.is_some());
        assert_eq!(get("m5").reactions[0].emoji, "👍");
    });
}

#[test]
fn what_was_sent_long_ago_is_said_to_have_arrived() {
    clock::run(async {
        let store = store();
        let it = scene(&store).await;
        let chat = it.api.chats().open(OTTO).await.unwrap();
        let id = chat.send_message("Low water at nine.").await.unwrap();
        end(it).await;
        many(&store, 60).await;
        let it = scene(&store).await;
        it.events().await;
        it.recv(&format!(
            "<message from='{OTTO}/oar' type='chat'><received xmlns='urn:xmpp:receipts' id='{id}'/></message>"
        ))
        .await;
        let changed = it.payloads("messageDeliveryChanged").await.remove(0);
        assert_eq!(changed["message"]["delivery"], "delivered");
        let messages = it.chat(OTTO).unwrap().messages();
        messages.load_older(100).await.unwrap();
        assert_eq!(
            messages.get(&id).unwrap().unwrap().delivery,
            Some(Delivery::Delivered)
        );
    });
}

#[test]
fn what_is_cleared_does_not_come_back() {
    clock::run(async {
        let store = store();
        many(&store, 130).await;
        let it = scene(&store).await;
        let chat = it.chat(OTTO).unwrap();
        assert!(chat.messages().remove("m129").await.unwrap());
        assert!(!chat.messages().remove("m129").await.unwrap());
        end(it).await;
        let it = scene(&store).await;
        assert_eq!(bodies(&it, OTTO).last().unwrap(), "b128");
        let chat = it.chat(OTTO).unwrap();
        chat.messages().clear().await.unwrap();
        assert!(bodies(&it, OTTO).is_empty());
        it.recv(&says(OTTO, "n1", "new", "")).await;
        end(it).await;
        let it = scene(&store).await;
        assert_eq!(bodies(&it, OTTO), ["new"]);
        let older = it
            .chat(OTTO)
            .unwrap()
            .messages()
            .load_older(10)
            .await
            .unwrap();
        assert!(older.is_complete && older.added == 0);
    });
}

#[test]
fn what_was_displayed_is_known_after_a_restart() {
    clock::run(async {
        let store = store();
        let it = scene(&store).await;
        let marked = "<markable xmlns='urn:xmpp:chat-markers:0'/>";
        it.recv(&says(OTTO, "o1", "hello", marked)).await;
        it.chat(OTTO).unwrap().focus().unwrap();
        clock::settle().await;
        end(it).await;
        let mut it = scene(&store).await;
        it.forget().await;
        it.chat(OTTO).unwrap().focus().unwrap();
        it.expect_nothing("<message><displayed xmlns='urn:xmpp:chat-markers:0'/></message>")
            .await;
        it.recv(&says(OTTO, "o2", "hello?", marked)).await;
        it.expect("<message><displayed xmlns='urn:xmpp:chat-markers:0' id='o2'/></message>")
            .await;
    });
}

#[test]
fn chats_that_were_open_before_the_login_are_kept_too() {
    clock::run(async {
        let store = store();
        many(&store, 3).await;
        let it = Scene::at(&store, settings! { "auto_login": false }).await;
        let chat = it.api.chats().open(OTTO).await.unwrap();
        assert!(chat.messages().all().unwrap().is_empty());
        it.api.user().login(LoginOptions::default()).await.unwrap();
        clock::settle().await;
        assert_eq!(bodies(&it, OTTO), ["b0", "b1", "b2"]);
        assert_eq!(it.chat(OTTO).unwrap(), chat);
    });
}

#[test]
fn each_account_has_its_own_chats() {
    clock::run(async {
        let store = store();
        many(&store, 3).await;
        let it = Scene::at(&store, settings! { "auto_login": false }).await;
        let login = async |name: &str| {
            let jid = format!("{name}@kestrel.example/desk");
            it.server.plan(|plan| plan.bound_jid = Some(jid.clone()));
            let login = LoginOptions::new(jid, "secret");
            it.api.user().login(login).await.unwrap();
            clock::settle().await;
        };
        login("vex").await;
        assert!(it.chat(OTTO).is_none());
        it.recv(&says(OTTO, "v1", "for vex", "")).await;
        it.api.user().logout().await.unwrap();
        login("mara").await;
        assert_eq!(bodies(&it, OTTO), ["b0", "b1", "b2"]);
        it.api.user().logout().await.unwrap();
        login("vex").await;
        assert_eq!(bodies(&it, OTTO), ["for vex"]);
    });
}

#[test]
fn what_waits_to_be_sent_is_here_once_however_much_it_is() {
    clock::run(async {
        let store = store();
        let it = scene(&store).await;
        let chat = it.api.chats().open(OTTO).await.unwrap();
        it.server.drop_connection();
        clock::settle().await;
        for n in 0..120 {
            chat.send_message(format!("w{n}")).await.unwrap();
        }
        let sent: Vec<String> = (0..120).map(|n| format!("w{n}")).collect();
        assert_eq!(bodies(&it, OTTO), sent);
        drop(it);
        clock::settle().await;
        let it = scene(&store).await;
        assert_eq!(bodies(&it, OTTO), sent);
    });
}
