//! Private chats outlive the program.

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, Scene, presence, run_on, store};

fn whisper(nick: &str, id: &str, body: &str) -> String {
    format!(
        "<message from='{ATRIUM}/{nick}' to='mara@kestrel.example/desk' type='chat' id='{id}'>\
         <body>{body}</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>"
    )
}

fn bodies(chat: &PrivateChat) -> Vec<String> {
    let all = chat.messages().all().unwrap().into_iter();
    all.map(|message| message.body).collect()
}

fn real(jid: &str) -> String {
    format!("role='participant' jid='{jid}'")
}

async fn enter(scene: &Scene, jid: &str) -> Room {
    let room = match scene.api.rooms().get(ATRIUM).unwrap() {
        Some(room) => {
            scene.reconnects().await;
            room
        }
        None => scene.api.rooms().open(ATRIUM, "mara").await.unwrap(),
    };
    scene.answers_info(ATRIUM, &[]).await;
    scene.expect_join(ATRIUM, "mara").await;
    scene
        .says(presence(ATRIUM, "pia", "", &real(jid), ""))
        .await;
    scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
    room
}

#[test]
fn a_private_chat_is_there_after_a_restart_and_goes_on() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        let room = enter(&scene, "pia@heron.example").await;
        scene.says(whisper("pia", "1", "psst")).await;
        let chat = room.private_chat("pia").unwrap();
        assert_eq!(chat.unread().unwrap(), 1);
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    });
    run_on(&store, 2, settings! {}, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        let chats = room.private_chats().all().unwrap();
        assert_eq!(chats.len(), 1);
        assert_eq!(
            (bodies(&chats[0]), chats[0].unread().unwrap()),
            (vec!["psst".to_owned()], 1)
        );
        enter(&scene, "pia@heron.example").await;
        assert!(!chats[0].is_over().unwrap());
        scene.says(whisper("pia", "2", "again")).await;
        assert_eq!(bodies(&chats[0]), ["psst", "again"]);
    });
}

#[test]
fn somebody_else_with_the_nick_is_in_another_chat_after_a_restart_too() {
    let store = store();
    run_on(&store, 1, settings! {}, |scene| async move {
        enter(&scene, "pia@heron.example").await;
        scene.says(whisper("pia", "1", "psst")).await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    });
    for (run, jid, body) in [
        (2, "vex@mallard.example", "fake"),
        (3, "pia@heron.example", "true"),
    ] {
        run_on(&store, run, settings! {}, |scene| async move {
            let room = enter(&scene, jid).await;
            scene.says(whisper("pia", "2", body)).await;
            let chat = room.private_chat("pia").unwrap();
            scene.api.bus().settle().await;
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            if run == 2 {
                assert_eq!(bodies(&chat), ["fake"]);
                let all = room.private_chats().all().unwrap();
                assert_eq!(bodies(&all[0]), ["psst"]);
                assert!(all[0].is_over().unwrap());
                for chat in all {
                    chat.close().unwrap();
                }
                tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            } else {
                // What was closed is there again for the one with whom it was.
                assert_eq!(bodies(&chat), ["psst", "true"]);
            }
        });
    }
}
