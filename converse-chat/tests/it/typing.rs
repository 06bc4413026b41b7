//! What the other one is told of what the user does (XEP-0085).

use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_testkit::clock;
use tokio::time::sleep;

use crate::scene::{Scene, online, online_with};

fn state(name: &str) -> String {
    format!(
        "<message to='otto@heron.example' type='chat'><{name} xmlns='http://jabber.org/protocol/chatstates'/></message>"
    )
}

async fn told(it: &mut Scene, name: &str) {
    it.expect(&state(name)).await;
}

async fn seconds(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
    clock::settle().await;
}

/// The states that were sent and not expected.
async fn nothing_told(it: &Scene) {
    it.expect_nothing("<message/>").await;
}

#[test]
fn composing_is_told_once_paused_after_ten_seconds_and_inactive_ninety_later() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        told(&mut it, "active").await;
        for _ in 0..20 {
            chat.composing().unwrap();
            seconds(1).await;
        }
        told(&mut it, "composing").await;
        nothing_told(&it).await;
        seconds(9).await;
        told(&mut it, "paused").await;
        seconds(88).await;
        nothing_told(&it).await;
        seconds(2).await;
        told(&mut it, "inactive").await;
        seconds(10_000).await;
        nothing_told(&it).await;
        chat.composing().unwrap();
        told(&mut it, "composing").await;
        seconds(11).await;
        told(&mut it, "paused").await;
        chat.composing().unwrap();
        told(&mut it, "composing").await;
        seconds(11).await;
        told(&mut it, "paused").await;
    });
}

#[test]
fn a_message_ends_the_writing() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        told(&mut it, "active").await;
        chat.composing().unwrap();
        told(&mut it, "composing").await;
        chat.send_message("done").await.unwrap();
        it.expect("<message><body>done</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        seconds(200).await;
        nothing_told(&it).await;
        // Nothing is told that is no longer so when its turn comes.
        chat.composing().unwrap();
        chat.send_message("at once").await.unwrap();
        it.expect("<message><body>at once</body></message>").await;
        nothing_told(&it).await;
        chat.composing().unwrap();
        told(&mut it, "composing").await;
        chat.stop_composing().unwrap();
        told(&mut it, "active").await;
        chat.stop_composing().unwrap();
        seconds(200).await;
        nothing_told(&it).await;
    });
}

#[test]
fn nothing_waits_for_a_chat_that_is_closed() {
    online(|mut it| async move {
        let tasks = || {
            tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks()
        };
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        clock::settle().await;
        let before = tasks();
        chat.composing().unwrap();
        told(&mut it, "composing").await;
        assert_eq!(tasks(), before + 1);
        chat.close().await.unwrap();
        clock::settle().await;
        assert_eq!(tasks(), before);
        told(&mut it, "active").await;
        told(&mut it, "inactive").await;
        seconds(200).await;
        nothing_told(&it).await;
        assert_eq!(chat.composing().unwrap_err().kind(), ErrorKind::Closed);
    });
}

#[test]
fn whoever_does_not_see_the_user_is_not_told() {
    online_with(
        settings! { "allow_non_roster_messaging": true },
        |it| async move {
            for jid in [
                "juno@teal.example",
                "vex@mallard.example",
                "mara@kestrel.example",
            ] {
                let chat = it.api.chats().open(jid).await.unwrap();
                chat.composing().unwrap();
                seconds(200).await;
                chat.close().await.unwrap();
            }
            nothing_told(&it).await;
        },
    );
}

#[test]
fn who_wants_no_states_to_be_sent_sends_none() {
    online_with(
        settings! { "send_chat_state_notifications": false },
        |mut it| async move {
            let chat = it.api.chats().open("otto@heron.example").await.unwrap();
            chat.composing().unwrap();
            seconds(20).await;
            chat.send_message("x").await.unwrap();
            let message = it.expect("<message><body>x</body></message>").await;
            assert!(
                message
                    .child("active", "http://jabber.org/protocol/chatstates")
                    .is_none()
            );
            chat.close().await.unwrap();
            nothing_told(&it).await;
        },
    );
}

#[test]
fn who_answers_without_a_state_is_not_told_until_he_sends_one() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        told(&mut it, "active").await;
        it.recv("<message from='otto@heron.example/oar' type='chat'><body>x</body></message>")
            .await;
        chat.composing().unwrap();
        chat.send_message("y").await.unwrap();
        let message = it.expect("<message><body>y</body></message>").await;
        assert!(
            message
                .child("active", "http://jabber.org/protocol/chatstates")
                .is_none()
        );
        nothing_told(&it).await;
        it.recv("<message from='otto@heron.example/oar' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        chat.composing().unwrap();
        told(&mut it, "composing").await;
    });
}

#[test]
fn a_chat_that_is_put_aside_is_inactive_until_it_is_not() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        told(&mut it, "active").await;
        chat.minimize().unwrap();
        told(&mut it, "inactive").await;
        chat.maximize().unwrap();
        told(&mut it, "active").await;
        chat.focus().unwrap();
        chat.show().unwrap();
        nothing_told(&it).await;
        // Who was never told anything is not told that.
        it.recv("<message from='ines@heron.example/pad' type='chat'><body>x</body></message>")
            .await;
        let other = it.chat("ines@heron.example").unwrap();
        other.minimize().unwrap();
        other.maximize().unwrap();
        nothing_told(&it).await;
    });
}

#[test]
fn a_new_session_knows_nothing_of_what_anybody_did() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        told(&mut it, "active").await;
        it.recv("<message from='otto@heron.example/oar' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        chat.composing().unwrap();
        told(&mut it, "composing").await;
        it.events().await;
        it.server.drop_connection();
        seconds(120).await;
        assert!(it.api.session().is_online());
        assert_eq!(chat.contact_chat_state().unwrap(), None);
        assert_eq!(it.payloads("chatStateChanged").await.len(), 1);
        nothing_told(&it).await;
        chat.composing().unwrap();
        told(&mut it, "composing").await;
    });
}
