//! What came last is kept when the user ends the session, or the program.

use std::sync::Arc;
use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::store::{MemoryStore, Store};
use converse_messages::outbox::OutboxExt;
use converse_testkit::scripted::{Plan, Scene};
use converse_testkit::{MortalStore, clock};

const OTTO: &str = "otto@heron.example";

#[derive(Debug, Clone, Copy)]
enum End {
    Stop,
    Disconnect,
    Logout,
}

async fn process(store: &MortalStore) -> Scene {
    let scene = Scene::of(Plan::new("kestrel.example"));
    scene.store(Arc::new(store.clone())).start().await
}

async fn kept(store: &MortalStore) -> usize {
    let own = "mara@kestrel.example".parse().unwrap();
    let logs = store.logs(&own).await.unwrap();
    logs.iter().map(|log| log.records).sum()
}

fn shown(it: &Scene) -> Vec<(String, Option<Delivery>)> {
    let chat = it.api.chats().get(OTTO).unwrap().unwrap();
    let all = chat.messages().all().unwrap().into_iter();
    all.map(|message| (message.body, message.delivery))
        .collect()
}

#[test]
fn what_came_last_is_there_at_the_next_start() {
    for end in [End::Stop, End::Disconnect, End::Logout] {
        clock::run(async {
            let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
            let store = MortalStore::new(store).slow(Duration::from_millis(900));
            let mut it = process(&store).await;
            let chats = it.api.chats();
            chats.send_message(OTTO, "sent").await.unwrap();
            it.expect("<message><body>sent</body></message>").await;
            // The server answers the ping behind it.
            tokio::time::sleep(Duration::from_secs(5)).await;
            for n in 0..3 {
                it.recv(&format!(
                    "<message from='{OTTO}/oar' type='chat' id='m{n}'><body>b{n}</body></message>"
                ))
                .await;
            }
            assert_eq!(kept(&store).await, 1, "the rest is still being written");
            match end {
                End::Stop => it.stop().await,
                End::Disconnect => it.api.connection().disconnect().await.unwrap(),
                End::Logout => it.api.user().logout().await.unwrap(),
            }
            store.kill();

            let it = process(&store.reborn()).await;
            let mut expected = vec![("sent".to_owned(), Some(Delivery::Acknowledged))];
            expected.extend((0..3).map(|n| (format!("b{n}"), None)));
            assert_eq!(shown(&it), expected, "{end:?}");
            assert!(it.api.outbox().unwrap().list().await.unwrap().is_empty());
        });
    }
}
