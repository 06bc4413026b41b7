//! Looking for words, where messages are kept and where they are not.

use std::sync::Arc;

use converse_chat::SearchPage;
use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_core::store::MemoryStore;
use converse_testkit::clock;

use crate::scene::Scene;

const OTTO: &str = "otto@heron.example";
const INES: &str = "ines@heron.example";

async fn says(it: &Scene, from: &str, id: &str, body: &str) {
    it.recv(&format!(
        "<message from='{from}/oar' type='chat' id='{id}'><body>{body}</body></message>"
    ))
    .await;
}

fn found(page: &SearchPage) -> Vec<(&str, &str)> {
    let hits = page.hits.iter();
    hits.map(|hit| (hit.jid.as_str(), hit.message.body.as_str()))
        .collect()
}

/// The same is found with and without a store.
fn in_both(test: impl AsyncFn(Scene)) {
    for store in [MemoryStore::new(), MemoryStore::new().as_durable()] {
        clock::run(async {
            let store = Arc::new(store);
            test(Scene::at(&store, settings! {}).await).await;
        });
    }
}

#[test]
fn words_are_found_in_all_chats_and_in_one() {
    in_both(async |it| {
        says(&it, OTTO, "o1", "Low water at nine.").await;
        says(&it, INES, "i1", "High WATER at three!").await;
        says(&it, OTTO, "o2", "No tide tables here.").await;
        let chats = it.api.chats();
        let page = chats.search("water").unwrap().fetch().await.unwrap();
        let both = [(INES, "High WATER at three!"), (OTTO, "Low water at nine.")];
        assert_eq!(found(&page), both);
        assert!(page.next.is_none());
        assert!(page.hits[0].place > page.hits[1].place);
        let page = chats.search("wat nin").unwrap().fetch().await.unwrap();
        assert!(
            page.hits.is_empty(),
            "only the last word may be a beginning"
        );
        let page = chats.search("water nin").unwrap().fetch().await.unwrap();
        assert_eq!(found(&page), both[1..]);
        let page = chats.search("water").unwrap().with(INES).unwrap();
        assert_eq!(found(&page.fetch().await.unwrap()), both[..1]);
        let messages = it.chat(OTTO).unwrap().messages();
        let page = messages.search("water").unwrap().fetch().await.unwrap();
        assert_eq!(found(&page), both[1..]);
        let page = chats.search(" -!").unwrap().fetch().await.unwrap();
        assert!(page.hits.is_empty());
        assert!(!format!("{:?}", chats.search("secret").unwrap()).contains("secret"));
    });
}

#[test]
fn what_is_found_comes_page_by_page() {
    in_both(async |it| {
        for n in 0..25 {
            says(&it, OTTO, &format!("o{n}"), &format!("tide {n}")).await;
        }
        let mut next = Some(it.api.chats().search("tide").unwrap().limit(10));
        let mut pages = Vec::new();
        while let Some(search) = next.take() {
            let page = search.fetch().await.unwrap();
            pages.push(page.hits.len());
            next = page.next;
        }
        assert_eq!(pages.iter().sum::<usize>(), 25);
        assert_eq!(pages[..2], [10, 10]);
    });
}

#[test]
fn what_is_kept_is_found_also_when_it_is_not_here() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new().as_durable());
        let it = Scene::at(&store, settings! {}).await;
        says(&it, OTTO, "o1", "Low water at nine.").await;
        for n in 0..60 {
            says(&it, OTTO, &format!("m{n}"), "more").await;
        }
        it.chat(OTTO).unwrap().close().await.unwrap();
        clock::settle().await;
        drop(it);
        let it = Scene::at(&store, settings! {}).await;
        assert!(it.chat(OTTO).is_none());
        let page = it
            .api
            .chats()
            .search("water")
            .unwrap()
            .fetch()
            .await
            .unwrap();
        assert_eq!(found(&page), [(OTTO, "Low water at nine.")]);
    });
}
