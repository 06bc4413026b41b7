//! What waits to be sent is not among what is removed because it is old, and how it fares is kept wherever it is.

use converse_core::store::LogScan;
use converse_testkit::scripted;

use super::*;

const OTTO: &str = "otto@heron.example";

/// A process whose store lasts.
async fn process(store: &Arc<MemoryStore>, more: SettingsMap) -> scripted::Scene {
    scripted::Scene::of(plan())
        .settings(more)
        .durable(Arc::clone(store) as Arc<dyn Store>)
        .start()
        .await
}

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new().as_durable())
}

fn chat(it: &scripted::Scene) -> Chat {
    it.api.chats().get(OTTO).unwrap().unwrap()
}

fn shown(it: &scripted::Scene) -> Vec<(String, Option<Delivery>)> {
    let all = chat(it).messages().all().unwrap().into_iter();
    all.map(|message| (message.body, message.delivery))
        .collect()
}

async fn hear(it: &scripted::Scene, count: usize) {
    for n in 0..count {
        it.recv(&format!(
            "<message from='{OTTO}/oar' type='chat' id='m{n}'><body>b{n}</body></message>"
        ))
        .await;
    }
}

/// The messages that are kept from being removed.
async fn pinned(store: &Arc<MemoryStore>) -> Vec<Option<String>> {
    let own: BareJid = "mara@kestrel.example".parse().unwrap();
    let store = AccountStore::new(Arc::clone(store) as Arc<dyn Store>, own);
    let page = store.records(LogScan::oldest(format!("chat/{OTTO}"))).await;
    let records = page.unwrap().records.into_iter();
    let pinned = records.filter(|record| record.is_pinned());
    pinned.map(|record| record.text).collect()
}

#[test]
fn what_waits_is_not_removed_before_the_server_has_it() {
    clock::run(async {
        let store = store();
        let few = settings! { "message_retention_count": 2 };
        let mut it = process(&store, few).await;
        let chats = it.api.chats();
        chats.send_message(OTTO, "waits").await.unwrap();
        hear(&it, 5).await;
        it.kill().await;
        it.start_again().await;
        // What was removed while it was read is seen by the next one.
        it.kill().await;
        it.start_again().await;
        let (waits, heard) = ("waits".to_owned(), |n| (format!("b{n}"), None));
        let expected = [(waits, Some(Delivery::Sent)), heard(3), heard(4)];
        assert_eq!(shown(&it), expected);
        assert_eq!(pinned(&store).await, [Some("waits".to_owned())]);
        it.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        assert_eq!(shown(&it)[0].1, Some(Delivery::Acknowledged));
        clock::settle().await;
        assert!(pinned(&store).await.is_empty());
        for _ in 0..2 {
            it.kill().await;
            it.start_again().await;
        }
        assert_eq!(shown(&it), [heard(3), heard(4)]);
    });
}

#[test]
fn what_was_given_up_or_taken_back_is_not_pinned() {
    clock::run(async {
        let store = store();
        let it = process(&store, settings! { "outbox_timeout": 60 }).await;
        it.server.answer_connects(Rule::Refuse);
        it.server.drop_connection();
        clock::settle().await;
        let chats = it.api.chats();
        let chat = chats.open(OTTO).await.unwrap();
        let one = chat.send_message("one").await.unwrap();
        chat.send_message("two").await.unwrap();
        assert_eq!(pinned(&store).await.len(), 2);
        chat.outbox().unwrap().withdraw(&one).await.unwrap();
        assert_eq!(pinned(&store).await, [Some("two".to_owned())]);
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(deliveries(&chat), [Delivery::Failed]);
        clock::settle().await;
        assert!(pinned(&store).await.is_empty());
    });
}

#[test]
fn what_only_the_store_has_is_settled_there() {
    clock::run(async {
        let store = store();
        let mut it = process(&store, settings! {}).await;
        let chats = it.api.chats();
        chats.send_message(OTTO, "waits").await.unwrap();
        it.expect("<message><body>waits</body></message>").await;
        hear(&it, 1_000).await;
        assert_eq!(shown(&it)[0].0, "b0", "it is not among the newest any more");
        assert_eq!(pinned(&store).await.len(), 1);
        it.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        clock::settle().await;
        assert!(pinned(&store).await.is_empty());
        chat(&it).messages().load_older(20).await.unwrap();
        let waits = ("waits".to_owned(), Some(Delivery::Acknowledged));
        assert_eq!(shown(&it)[0], waits);
    });
}

#[test]
fn what_was_sent_in_a_chat_that_is_closed_is_settled_too() {
    clock::run(async {
        let store = store();
        let mut it = process(&store, settings! {}).await;
        let chats = it.api.chats();
        chats.send_message(OTTO, "waits").await.unwrap();
        it.expect("<message><body>waits</body></message>").await;
        chat(&it).close().await.unwrap();
        it.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        clock::settle().await;
        assert!(pinned(&store).await.is_empty());
        chats.open(OTTO).await.unwrap();
        let waits = ("waits".to_owned(), Some(Delivery::Acknowledged));
        assert_eq!(shown(&it), [waits]);
    });
}
