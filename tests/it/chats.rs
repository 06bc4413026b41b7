//! The **chats** grouping between two instances.

use converse::prelude::*;

use crate::scene::{Events, Scene, next, stanzas};

#[actix::test]
async fn two_instances_see_each_other_and_talk() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let mut seen = Events::of(&romeo, &["contactOnline"]);
    let juliet = scene.online("juliet").await;
    let online = seen.expect("contactOnline").await;
    assert_eq!(online["jid"], "juliet@localhost");
    assert_eq!(online["chat_status"], "online");

    let mut heard = Events::of(&juliet, &["chatBoxOpened", "message", "messageAdded"]);
    let mut delivery = Events::of(&romeo, &["messageDeliveryChanged"]);
    let chat = romeo.chats().open("juliet@localhost").await.unwrap();
    let id = chat.send_message("But, soft!").await.unwrap();
    heard.expect("chatBoxOpened").await;
    let message = heard.expect("message").await;
    assert_eq!(message["chatbox"]["jid"], "romeo@localhost");
    let added = heard.expect("messageAdded").await;
    assert_eq!(added["message"]["id"], id.as_str());
    assert_eq!(added["message"]["origin_id"], id.as_str());
    let received = juliet.chats().get("romeo@localhost").unwrap().unwrap();
    assert_eq!(received.messages().all().unwrap()[0].body, "But, soft!");

    assert_eq!(
        delivery.expect("messageDeliveryChanged").await["message"]["delivery"],
        "sent"
    );
    assert_eq!(
        delivery.expect("messageDeliveryChanged").await["message"]["delivery"],
        "acknowledged"
    );

    let mut answers = Events::of(&romeo, &["messageAdded"]);
    received.send_message("Ay me.").await.unwrap();
    assert_eq!(
        answers.expect("messageAdded").await["message"]["sender"],
        "them"
    );
    assert_eq!(chat.messages().all().unwrap().len(), 2);
}

#[actix::test]
async fn what_was_said_while_away_has_its_time() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let chat = romeo.chats().open("juliet@localhost").await.unwrap();
    let mut delivery = Events::of(&romeo, &["messageDeliveryChanged"]);
    chat.send_message("Art thou there?").await.unwrap();
    delivery.expect("messageDeliveryChanged").await;
    delivery.expect("messageDeliveryChanged").await;

    let converse = Converse::new();
    let juliet = converse
        .start(settings! { "auto_login": false }.over(scene.settings("juliet")))
        .await
        .unwrap();
    let mut heard = Events::of(&juliet, &["messageAdded"]);
    juliet.user().login(()).await.unwrap();
    let added = heard.expect("messageAdded").await;
    assert_eq!(added["message"]["body"], "Art thou there?");
    assert_eq!(added["message"]["delayed"], true);
}

#[actix::test]
async fn a_stranger_is_not_heard_and_a_bounce_comes_back() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let open = settings! { "allow_non_roster_messaging": true };
    let benvolio = scene.online_with("benvolio", open).await;
    let mut stanza = stanzas(&romeo, Route::message());
    let mut heard = Events::of(&romeo, &["messageAdded"]);
    let chat = benvolio.chats().open("romeo@localhost").await.unwrap();
    chat.send_message("Good morrow, cousin.").await.unwrap();
    assert_eq!(
        next(&mut stanza).await.body().as_deref(),
        Some("Good morrow, cousin.")
    );
    romeo.bus().settle().await;
    heard.assert_none();
    assert!(romeo.chats().all().is_empty());

    let mut delivery = Events::of(&benvolio, &["messageDeliveryChanged"]);
    let nobody = benvolio.chats().open("nobody@localhost").await.unwrap();
    nobody.send_message("hello?").await.unwrap();
    loop {
        let message = delivery.expect("messageDeliveryChanged").await["message"].clone();
        if message["delivery"] == "failed" {
            assert!(message["error"]["condition"].is_string(), "{message}");
            break;
        }
    }
}

#[actix::test]
async fn a_cut_connection_loses_and_doubles_nothing() {
    let scene = Scene::new().await;
    let romeo = scene
        .online_with("romeo", settings! { "reconnect_min": 1 })
        .await;
    let juliet = scene.online("juliet").await;
    let mut heard = Events::of(&juliet, &["messageAdded"]);
    let chat = romeo.chats().open("juliet@localhost").await.unwrap();
    for n in 0..20 {
        if n == 7 || n == 13 {
            scene.server.cut("romeo");
        }
        chat.send_message(n.to_string()).await.unwrap();
    }
    for n in 0..20 {
        assert_eq!(
            heard.expect("messageAdded").await["message"]["body"],
            n.to_string()
        );
    }
    juliet.bus().settle().await;
    heard.assert_none();
}
