//! Pictures of occupants of rooms, which another grouping asks for (XEP-0153 §3.2).

use std::sync::Arc;

use converse_core::contract::{FetchPicture, Picture};
use converse_core::prelude::*;
use converse_core::store::MemoryStore;
use converse_testkit::clock;
use tokio::task::JoinHandle;

use crate::scene::{Scene, picture, plan, with_server};

const PIA: &str = "atrium@rooms.kestrel.example/pia";

type Fetching = JoinHandle<Result<Option<Picture>, Error>>;

/// Begins to fetch the picture of that hash.
fn fetch(scene: &Scene, occupant: &str, hash: &str) -> Fetching {
    let bus = scene.api.bus().clone();
    let request = FetchPicture::new(occupant.parse().unwrap(), hash);
    actix::spawn(async move { bus.call(request).await?.await.unwrap() })
}

fn card_with(picture: &str) -> String {
    format!("<PHOTO><BINVAL>{picture}</BINVAL></PHOTO>")
}

#[test]
fn the_occupant_is_asked_once_for_a_picture() {
    with_server(|mut scene| async move {
        let avatar = picture(1);
        let one = fetch(&scene, PIA, &avatar.hash);
        let other = fetch(&scene, "annex@rooms.kestrel.example/pia", &avatar.hash);
        scene.give_card(PIA, &card_with(&avatar.to_base64())).await;
        let found = one.await.unwrap().unwrap().unwrap();
        assert_eq!(found.bytes, avatar.bytes);
        assert_eq!(
            (found.media_type, found.hash.as_str()),
            ("image/png", avatar.hash.as_str())
        );
        assert_eq!(other.await.unwrap().unwrap(), Some(found.clone()));

        scene.server.forget_sent();
        let again = fetch(&scene, PIA, &avatar.hash).await.unwrap();
        assert_eq!(again.unwrap(), Some(found));
        scene.expect_nothing("<iq/>").await;
        // A room is nobody's contact, and nothing else of an occupant is kept.
        assert!(scene.events().await.is_empty());
        assert!(
            scene
                .vcard()
                .known("atrium@rooms.kestrel.example")
                .unwrap()
                .is_none()
        );
    });
}

#[test]
fn a_picture_that_is_another_one_or_none_is_refused() {
    with_server(|mut scene| async move {
        let hash = picture(1).hash;
        let cards = [
            card_with(&picture(2).to_base64()),
            card_with("no base64"),
            card_with("PHN2Zy8+"),
            String::new(),
        ];
        for card in cards {
            let fetching = fetch(&scene, PIA, &hash);
            scene.give_card(PIA, &card).await;
            assert_eq!(fetching.await.unwrap().unwrap(), None);
        }
    });
}

#[test]
fn an_error_is_that_of_the_request_and_no_picture_is_none() {
    with_server(|mut scene| async move {
        let hash = picture(1).hash;
        for (condition, kind) in [
            ("item-not-found", None),
            ("service-unavailable", None),
            ("forbidden", Some(ErrorKind::Stanza)),
        ] {
            let fetching = fetch(&scene, PIA, &hash);
            scene
                .expect(&format!(
                    "<iq type='get' id='{{{{card}}}}' to='{PIA}'><vCard xmlns='vcard-temp'/></iq>"
                ))
                .await;
            scene
                .recv(&format!(
                    "<iq type='error' id='{{{{card}}}}' from='{PIA}'><error type='cancel'>\
                     <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
                ))
                .await;
            let outcome = fetching.await.unwrap();
            assert_eq!(outcome.err().map(|error| error.kind()), kind);
            scene.captures = Default::default();
        }
    });
}

#[test]
fn a_picture_is_kept_between_runs() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let avatar = picture(1);
        let mut scene = Scene::with_store(plan(), settings! {}, store.clone()).await;
        let fetching = fetch(&scene, PIA, &avatar.hash);
        scene.give_card(PIA, &card_with(&avatar.to_base64())).await;
        fetching.await.unwrap().unwrap().unwrap();
        scene.api.stop().await;

        let scene = Scene::with_store(plan(), settings! {}, store).await;
        let found = fetch(&scene, PIA, &avatar.hash).await.unwrap().unwrap();
        assert_eq!(found.map(|found| found.hash), Some(avatar.hash));
    });
}
