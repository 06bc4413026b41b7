//! What is written to an occupant and waits goes to him or to nobody.

use std::sync::Arc;
use std::time::Duration;

use converse_core::contract::{CopiedSide, OccupantCopy};
use converse_core::prelude::*;
use converse_core::store::Store;
use converse_messages::outbox::{OutboxExt, Standing};
use converse_muc::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Rule;

use crate::scene::{ATRIUM, Scene, play, presence, run_on, store};

const PIA: &str = "role='participant' jid='pia@heron.example'";
const VEX: &str = "role='participant' jid='vex@mallard.example'";

/// The user comes into the room, in which somebody has the nick `pia`.
async fn comes_in(scene: &Scene, item: &str) {
    scene.expect_join(ATRIUM, "mara").await;
    scene.says(presence(ATRIUM, "pia", "", item, "")).await;
    scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
    clock::settle().await;
}

async fn enter(scene: &Scene, item: &str) -> Room {
    let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
    scene.answers_info(ATRIUM, &[]).await;
    comes_in(scene, item).await;
    room
}

/// The next process: the room that was open is entered again.
async fn enter_again(scene: &Scene, item: &str) -> Room {
    // The question what the room is like was not answered.
    tokio::time::sleep(Duration::from_secs(31)).await;
    comes_in(scene, item).await;
    scene.api.rooms().get(ATRIUM).unwrap().unwrap()
}

async fn goes_offline(scene: &Scene) {
    scene.server.answer_connects(Rule::Refuse);
    scene.server.drop_connection();
    clock::settle().await;
}

/// What is kept of rooms is written in a while.
async fn a_while() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

fn wire(scene: &Scene) -> Vec<(String, bool)> {
    let sent = scene.server.sent();
    let sent = sent.iter().filter_map(|sent| sent.element());
    let bodies = sent.filter_map(|sent| {
        let body = sent.child_text("body", "jabber:client")?.into_owned();
        Some((body, sent.child("delay", "urn:xmpp:delay").is_some()))
    });
    bodies.collect()
}

fn shown(chat: &PrivateChat) -> Vec<(String, Delivery)> {
    let all = chat.messages().all().unwrap().into_iter();
    all.map(|message| (message.body, message.delivery.unwrap()))
        .collect()
}

fn two(delivery: Delivery) -> [(String, Delivery); 2] {
    ["one", "two"].map(|body| (body.to_owned(), delivery))
}

async fn standings(scene: &Scene) -> Vec<Standing> {
    let waiting = scene.api.outbox().unwrap().list().await.unwrap();
    waiting.into_iter().map(|one| one.standing).collect()
}

/// A process ends with two messages that wait for pia.
fn leave_two(store: &Arc<dyn Store>, item: &'static str) {
    run_on(store, 1, settings! {}, |scene| async move {
        let room = enter(&scene, item).await;
        let chat = room.private_chat("pia").unwrap();
        goes_offline(&scene).await;
        chat.send_message("one").await.unwrap();
        let id = chat.send_message("too").await.unwrap();
        chat.outbox().unwrap().edit(&id, "two").await.unwrap();
        a_while().await;
    });
}

#[test]
fn what_waits_goes_to_the_one_who_is_certainly_the_same_after_a_restart() {
    let store = store();
    leave_two(&store, PIA);
    run_on(&store, 2, settings! {}, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        let chat = room.private_chats().all().unwrap().remove(0);
        assert_eq!(shown(&chat), two(Delivery::Queued));
        assert_eq!(
            standings(&scene).await,
            [Standing::Waiting, Standing::Waiting]
        );
        a_while().await;
        assert!(wire(&scene).is_empty());
        enter_again(&scene, PIA).await;
        assert_eq!(shown(&chat), two(Delivery::Sent));
        a_while().await;
        assert_eq!(shown(&chat), two(Delivery::Acknowledged));
        // It had not left before.
        let expected = ["one", "two"].map(|body| (body.to_owned(), false));
        assert_eq!(wire(&scene), expected);
        assert!(standings(&scene).await.is_empty());
    });
    run_on(&store, 3, settings! {}, |scene| async move {
        let room = enter_again(&scene, PIA).await;
        assert_eq!(
            shown(&room.private_chat("pia").unwrap()),
            two(Delivery::Acknowledged)
        );
        assert!(wire(&scene).is_empty());
    });
}

#[test]
fn nothing_goes_to_somebody_who_may_be_another_one() {
    for (before, after) in [
        (PIA, VEX),
        (PIA, "role='participant'"),
        ("role='participant'", PIA),
        ("role='participant'", "role='participant'"),
    ] {
        let store = store();
        leave_two(&store, before);
        run_on(&store, 2, settings! {}, |scene| async move {
            let room = enter_again(&scene, after).await;
            let old = room.private_chats().all().unwrap().remove(0);
            a_while().await;
            assert!(wire(&scene).is_empty(), "{before} {after}");
            assert!(
                standings(&scene)
                    .await
                    .iter()
                    .all(|one| matches!(one, Standing::Failed(_)))
            );
            assert_eq!(shown(&old), two(Delivery::Failed), "{before} {after}");
            // Whoever it is now can be written to.
            let chat = room.private_chat("pia").unwrap();
            let id = chat.send_message("who are you?").await.unwrap();
            scene.expect(format!("<message id='{id}'/>")).await;
            assert_eq!(wire(&scene), [("who are you?".to_owned(), false)]);
        });
    }
}

#[test]
fn what_may_have_left_says_that_it_is_late() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        let room = enter(&scene, PIA).await;
        let chat = room.private_chat("pia").unwrap();
        a_while().await;
        let id = chat.send_message("one").await.unwrap();
        scene.expect(format!("<message id='{id}'/>")).await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        assert_eq!(standings(&scene).await, [Standing::Unsure]);
        enter_again(&scene, PIA).await;
        let subject = format!(
            "<message from='{ATRIUM}' to='mara@kestrel.example/desk' type='groupchat'><subject/></message>"
        );
        scene.says(subject).await;
        clock::settle().await;
        assert_eq!(wire(&scene), [("one".to_owned(), true)]);
    });
}

#[test]
fn what_the_archive_of_the_account_has_does_not_go_out_again() {
    let store = store();
    let id = Arc::new(std::sync::Mutex::new(String::new()));
    let sent = Arc::clone(&id);
    run_on(&store, 1, settings! {}, |scene| async move {
        let room = enter(&scene, PIA).await;
        let chat = room.private_chat("pia").unwrap();
        a_while().await;
        let id = chat.send_message("one").await.unwrap();
        scene.expect(format!("<message id='{id}'/>")).await;
        *sent.lock().unwrap() = id.to_string();
    });
    let id = id.lock().unwrap().clone();
    run_on(&store, 2, settings! {}, |scene| async move {
        let message = format!(
            "<message xmlns='jabber:client' from='mara@kestrel.example/desk' to='{ATRIUM}/pia' type='chat' id='{id}'>\
             <body>one</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>"
        );
        let copy = OccupantCopy::new(CopiedSide::Sent, Element::parse(&message).unwrap(), None);
        scene.api.publish(copy);
        a_while().await;
        assert!(standings(&scene).await.is_empty());
        let room = enter_again(&scene, PIA).await;
        let chat = room.private_chat("pia").unwrap();
        assert_eq!(shown(&chat), [("one".to_owned(), Delivery::Acknowledged)]);
        assert!(wire(&scene).is_empty());
    });
}

#[test]
fn what_waits_in_a_chat_or_room_that_is_closed_has_failed() {
    play(|scene| async move {
        let room = enter(&scene, PIA).await;
        let chat = room.private_chat("pia").unwrap();
        goes_offline(&scene).await;
        let failed = scene.hear("messageDeliveryChanged");
        chat.send_message("private").await.unwrap();
        room.send_message("public").await.unwrap();
        chat.close().unwrap();
        assert_eq!(standings(&scene).await, [Standing::Waiting]);
        room.close().await.unwrap();
        assert!(standings(&scene).await.is_empty());
        clock::settle().await;
        let told: Vec<_> = failed
            .lock()
            .unwrap()
            .iter()
            .map(|one| one["message"]["delivery"].clone())
            .collect();
        assert_eq!(told, ["failed", "failed"]);
        scene.server.answer_connects(Rule::Accept);
        scene.api.session().network_changed().await;
        a_while().await;
        let room = enter(&scene, PIA).await;
        let public = room.messages().last().unwrap().unwrap();
        assert_eq!(
            (public.body.as_str(), public.delivery),
            ("public", Some(Delivery::Failed))
        );
        let chat = room.private_chat("pia").unwrap();
        clock::settle().await;
        assert_eq!(shown(&chat), [("private".to_owned(), Delivery::Failed)]);
        assert!(wire(&scene).is_empty());
    });
}

#[test]
fn what_waits_is_not_for_whoever_takes_the_nick() {
    play(|scene| async move {
        let room = enter(&scene, PIA).await;
        let chat = room.private_chat("pia").unwrap();
        goes_offline(&scene).await;
        chat.send_message("one").await.unwrap();
        chat.send_message("two").await.unwrap();
        scene.server.answer_connects(Rule::Accept);
        scene.api.session().network_changed().await;
        a_while().await;
        scene.server.forget_sent();
        enter_again(&scene, VEX).await;
        assert!(chat.is_over().unwrap());
        assert_eq!(shown(&chat), two(Delivery::Failed));
        let other = room.private_chat("pia").unwrap();
        other.send_message("who are you?").await.unwrap();
        a_while().await;
        assert_eq!(wire(&scene), [("who are you?".to_owned(), false)]);
    });
}
