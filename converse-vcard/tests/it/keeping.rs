//! What is kept between runs.

use std::sync::Arc;

use converse_core::prelude::*;
use converse_core::store::{MemoryStore, Store};
use converse_testkit::clock;

use crate::scene::{OTTO, Scene, event, photo, picture, plan, presence};

#[test]
fn what_was_fetched_is_not_fetched_again_in_the_next_run() {
    clock::run(async {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let picture = picture(1);
        let told = presence("otto@heron.example/oar", &photo(&picture.hash));
        let card = format!(
            "<FN>Otto</FN><PHOTO><BINVAL>{}</BINVAL></PHOTO>",
            picture.to_base64()
        );

        let mut first = Scene::with_store(plan(), settings! {}, Arc::clone(&store)).await;
        first.recv(&told).await;
        first.give_card(OTTO, &card).await;
        let nick =
            "<item id='current'><nick xmlns='http://jabber.org/protocol/nick'>Ott</nick></item>";
        first
            .recv(&event(OTTO, "http://jabber.org/protocol/nick", nick))
            .await;
        first.api.stop().await;

        let second = Scene::with_store(plan(), settings! {}, store).await;
        second.server.forget_sent();
        second.events().await;
        second.recv(&told).await;
        let news = second.payloads("vcardUpdated").await;
        assert_eq!(news.len(), 1, "whoever shows contacts gets what was kept");
        assert_eq!(news[0]["image_hash"], picture.hash.as_str());
        assert_eq!(news[0]["fullname"], "Otto");
        let it = second.vcard();
        assert_eq!(it.avatar(OTTO).await.unwrap(), Some(picture));
        assert_eq!(
            it.get(OTTO).await.unwrap().fullname().as_deref(),
            Some("Otto")
        );
        assert_eq!(it.nickname(OTTO).await.unwrap().as_deref(), Some("Ott"));
        second.expect_nothing("<iq/>").await;
    });
}
