//! What is kept in a file is there again in the next process, which here is the next instance.

use std::path::PathBuf;

use converse::prelude::*;

use crate::scene::{Events, Scene, within};

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn settings(&self) -> SettingsMap {
        settings! {
            "storage": "local",
            "message_storage": "local",
            "store_path": self.0.join("store.db").to_str().unwrap(),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[actix::test]
async fn a_chat_in_a_file_is_as_it_was() {
    let (scene, folder) = (Scene::new().await, Folder::new("a_chat_in_a_file"));
    let juliet = scene.online("juliet").await;
    let romeo = scene.online_with("romeo", folder.settings()).await;
    let mut heard = Events::of(&juliet, &["messageAdded"]);
    let mut delivered = Events::of(&romeo, &["messageDeliveryChanged"]);
    let chat = romeo.chats().open("juliet@localhost").await.unwrap();
    let id = chat.send_message("But, soft!").await.unwrap();
    heard.expect("messageAdded").await;
    while delivered.until("messageDeliveryChanged").await["message"]["delivery"] != "delivered" {}

    let mut told = Events::of(&romeo, &["messageAdded", "messageUpdated", "unreadChanged"]);
    let other = juliet.chats().open("romeo@localhost").await.unwrap();
    let wrong = other.send_message("Ay mee!").await.unwrap();
    told.until("messageAdded").await;
    other.correct(&wrong, "Ay me!").await.unwrap();
    told.until("messageUpdated").await;
    other.react(&id, ["❤"]).await.unwrap();
    told.until("messageUpdated").await;
    chat.minimize().unwrap();
    other.send_message("O Romeo").await.unwrap();
    told.until("unreadChanged").await;
    let before = chat.messages().all().unwrap();
    // What is looked for is in the file before it is looked for.
    let found = romeo.chats().search("ay me").unwrap();
    assert_eq!(found.fetch().await.unwrap().hits.len(), 1);
    within(romeo.connection().disconnect()).await.unwrap();
    drop((chat, romeo));

    let romeo = scene.online_with("romeo", folder.settings()).await;
    within(romeo.wait_until("chatBoxesFetched")).await.unwrap();
    let chat = romeo.chats().get("juliet@localhost").unwrap().unwrap();
    assert_eq!(chat.messages().all().unwrap(), before);
    assert_eq!(
        (chat.unread().unwrap(), chat.is_minimized().unwrap()),
        (1, true)
    );
    let first = chat.messages().get(&id).unwrap().unwrap();
    assert_eq!(first.reactions[0].emoji, "❤");
    let second = chat.messages().get(&wrong).unwrap().unwrap();
    assert_eq!(
        (second.body.as_str(), second.edited.unwrap().count),
        ("Ay me!", 1)
    );
    let found = romeo
        .chats()
        .search("ay me")
        .unwrap()
        .fetch()
        .await
        .unwrap();
    assert_eq!(found.hits.len(), 1);
}
