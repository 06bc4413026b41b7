//! The **contacts** grouping.

use converse::prelude::*;

use crate::scene::{Events, Scene};

#[actix::test]
async fn two_instances_see_each_other_and_talk() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let mut seen = Events::of(&romeo, &["contactOnline"]);
    let juliet = scene.online("juliet").await;
    let online = seen.expect("contactOnline").await;
    assert_eq!(online["jid"], "juliet@localhost");
    assert_eq!(online["chat_status"], "online");
    assert!(
        romeo
            .contacts()
            .get("juliet@localhost")
            .unwrap()
            .unwrap()
            .is_online()
    );

    let mut heard = Events::of(&juliet, &["chatBoxOpened", "message", "messageAdded"]);
    let chat = romeo.chats().open("juliet@localhost").await.unwrap();
    let id = chat.send_message("But, soft!").await.unwrap();
    heard.expect("chatBoxOpened").await;
    let message = heard.expect("message").await;
    assert_eq!(message["chatbox"]["jid"], "romeo@localhost");
    let added = heard.expect("messageAdded").await;
    assert_eq!(added["message"]["id"], id.as_str());
    let received = juliet.chats().get("romeo@localhost").unwrap().unwrap();
    assert_eq!(received.messages().unwrap()[0].body, "But, soft!");
}
