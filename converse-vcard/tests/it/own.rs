//! The own avatar in presence (XEP-0153 §4).

use converse_core::ns;
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;

use crate::scene::{Scene, photo, picture, plan, presence};

/// The element that presence would have now.
fn update(scene: &Scene) -> String {
    let elements = scene.api.presence_payloads().elements();
    let mut elements = elements.iter().map(|it| it.build().unwrap());
    let update = elements.find(|it| it.ns() == "vcard-temp:x:update");
    update.unwrap().to_xml()
}

const EMPTY: &str = "<x xmlns='vcard-temp:x:update'/>";
const NONE: &str = "<x xmlns='vcard-temp:x:update'><photo/></x>";

/// A server that is asked for the own vCard.
async fn asked(plan: Plan) -> Scene {
    let mut plan = plan;
    plan.auto.remove("vcard");
    Scene::new(plan, settings! {}).await
}

async fn own_card(scene: &mut Scene, inside: &str) {
    scene.captures = Default::default();
    scene
        .expect("<iq type='get' id='{{own}}'><vCard xmlns='vcard-temp'/></iq>")
        .await;
    scene
        .recv(&format!(
            "<iq type='result' id='{{{{own}}}}'><vCard xmlns='vcard-temp'>{inside}</vCard></iq>"
        ))
        .await;
}

fn with(picture: &converse_vcard::Avatar) -> String {
    format!(
        "<FN>Mara</FN><PHOTO><BINVAL>{}</BINVAL></PHOTO>",
        picture.to_base64()
    )
}

#[test]
fn the_hash_is_told_only_after_the_vcard_was_looked_at() {
    clock::run(async {
        let picture = picture(1);
        let mut scene = asked(plan()).await;
        assert_eq!(update(&scene), EMPTY);
        own_card(&mut scene, &with(&picture)).await;
        assert_eq!(
            update(&scene),
            format!(
                "<x xmlns='vcard-temp:x:update'><photo>{}</photo></x>",
                picture.hash
            )
        );
        let told = scene.payloads("presencePayloadChanged").await;
        assert!(
            told.iter().any(|it| it["name"] == "vcard-temp:x:update"),
            "{told:?}"
        );
        let own = scene
            .vcard()
            .known("mara@kestrel.example")
            .unwrap()
            .unwrap();
        assert_eq!(own.image_hash, Some(picture.hash));
    });
}

#[test]
fn who_has_no_avatar_says_so_without_another_presence() {
    clock::run(async {
        let mut scene = asked(plan()).await;
        own_card(&mut scene, "<FN>Mara</FN>").await;
        assert_eq!(update(&scene), NONE);
        let told = scene.payloads("presencePayloadChanged").await;
        assert!(
            told.iter().all(|it| it["name"] != "vcard-temp:x:update"),
            "{told:?}"
        );
    });
}

/// The server tells the hash itself, and overwrites the empty element (XEP-0398 §4).
#[test]
fn where_the_server_tells_the_hash_the_vcard_is_not_fetched() {
    clock::run(async {
        let mut plan = plan();
        plan.account_features
            .push("urn:xmpp:pep-vcard-conversion:0".to_owned());
        let scene = asked(plan).await;
        scene
            .expect_nothing("<iq><vCard xmlns='vcard-temp'/></iq>")
            .await;
        assert_eq!(update(&scene), EMPTY);
    });
}

#[test]
fn another_client_of_the_account_is_believed_once() {
    clock::run(async {
        let (mine, theirs) = (picture(1), picture(2));
        let mut scene = asked(plan()).await;
        own_card(&mut scene, &with(&mine)).await;
        scene.server.forget_sent();
        for content in [photo(&mine.hash), EMPTY.to_owned(), String::new()] {
            scene
                .recv(&presence("mara@kestrel.example/phone", &content))
                .await;
        }
        // Its own presence comes back too.
        scene
            .recv(&presence("mara@kestrel.example/desk", &photo(&theirs.hash)))
            .await;
        scene.expect_nothing("<iq/>").await;

        let told = presence("mara@kestrel.example/phone", &photo(&theirs.hash));
        scene.recv(&told).await;
        assert_eq!(update(&scene), EMPTY, "until the vCard was looked at");
        own_card(&mut scene, &with(&theirs)).await;
        assert!(update(&scene).contains(&theirs.hash));
        scene.server.forget_sent();

        // One that goes on saying what the vCard does not have is not listened to again.
        let wrong = presence("mara@kestrel.example/phone", &photo(&mine.hash));
        scene.recv(&wrong).await;
        own_card(&mut scene, &with(&theirs)).await;
        scene.server.forget_sent();
        scene.recv(&wrong).await;
        scene.expect_nothing("<iq/>").await;
        assert!(update(&scene).contains(&theirs.hash));
    });
}

#[test]
fn a_new_session_begins_without_a_hash() {
    clock::run(async {
        let picture = picture(1);
        let mut scene = asked(plan()).await;
        own_card(&mut scene, &with(&picture)).await;
        scene.server.forget_sent();
        scene.server.drop_connection();
        scene
            .expect("<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
            .await;
        clock::settle().await;
        assert_eq!(update(&scene), EMPTY);
        own_card(&mut scene, &with(&picture)).await;
        assert!(update(&scene).contains(&picture.hash));
    });
}

#[test]
fn an_own_vcard_that_does_not_come_costs_nothing_else() {
    clock::run(async {
        let mut scene = asked(plan()).await;
        scene
            .expect("<iq type='get' id='{{own}}'><vCard xmlns='vcard-temp'/></iq>")
            .await;
        scene
            .recv(
                "<iq type='error' id='{{own}}'><error type='cancel'>\
                 <internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            )
            .await;
        assert_eq!(update(&scene), EMPTY);
        assert!(scene.events().await.is_empty());
        assert!(scene.api.features().contains(ns::PING));
    });
}
