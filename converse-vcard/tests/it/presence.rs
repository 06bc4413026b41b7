//! Avatars that presence tells of (XEP-0153 §3.2).

use std::time::Duration;

use converse_core::prelude::*;
use converse_testkit::clock;

use crate::scene::{OTTO, Scene, photo, picture, plan, presence, with_server};

fn card_with(picture: &converse_vcard::Avatar) -> String {
    format!(
        "<FN>Otto</FN><PHOTO><BINVAL>{}</BINVAL></PHOTO>",
        picture.to_base64()
    )
}

#[test]
fn a_changed_hash_brings_the_new_avatar() {
    with_server(|mut scene| async move {
        let picture = picture(1);
        scene
            .recv(&presence(
                "otto@heron.example/oar",
                &photo(&picture.hash.to_uppercase()),
            ))
            .await;
        let told = scene.payloads("avatarChanged").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["hash"], picture.hash.as_str());
        scene.give_card(OTTO, &card_with(&picture)).await;
        let told = scene.payloads("vcardUpdated").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["image_hash"], picture.hash.as_str());
        assert_eq!(told[0]["fullname"], "Otto");

        scene.server.forget_sent();
        scene
            .recv(&presence("otto@heron.example/oar", &photo(&picture.hash)))
            .await;
        scene.expect_nothing("<iq/>").await;
        assert!(scene.events().await.is_empty());
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), Some(picture));
    });
}

#[test]
fn an_avatar_that_is_taken_away_is_gone_without_a_question() {
    with_server(|mut scene| async move {
        let picture = picture(1);
        scene
            .recv(&presence("otto@heron.example/oar", &photo(&picture.hash)))
            .await;
        scene.give_card(OTTO, &card_with(&picture)).await;
        scene.events().await;
        scene.server.forget_sent();
        scene
            .recv(&presence("otto@heron.example/oar", &photo("")))
            .await;
        assert_eq!(scene.events().await, ["avatarChanged", "vcardUpdated"]);
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), None);
        assert_eq!(scene.vcard().known(OTTO).unwrap().unwrap().image, None);
        scene.expect_nothing("<iq/>").await;
    });
}

#[test]
fn who_is_not_ready_or_a_stranger_or_malformed_changes_nothing() {
    with_server(|scene| async move {
        let hash = picture(1).hash;
        for (from, content) in [
            (
                "otto@heron.example/oar",
                "<x xmlns='vcard-temp:x:update'/>".to_owned(),
            ),
            ("otto@heron.example/oar", photo("not a hash")),
            ("otto@heron.example/oar", photo(&"a".repeat(5_000))),
            ("vex@mallard.example/x9", photo(&hash)),
            (
                "room@heron.example/otto",
                format!(
                    "{}<x xmlns='http://jabber.org/protocol/muc#user'/>",
                    photo(&hash)
                ),
            ),
        ] {
            scene.recv(&presence(from, &content)).await;
        }
        scene
            .recv(&format!(
                "<presence type='unavailable' from='otto@heron.example/oar'>{}</presence>",
                photo(&hash)
            ))
            .await;
        scene.expect_nothing("<iq/>").await;
        assert!(scene.events().await.is_empty());
    });
}

/// What was announced and is not what the vCard has may not be shown, and is not fetched again and again.
#[test]
fn a_picture_of_another_hash_is_refused() {
    with_server(|mut scene| async move {
        let announced = picture(1).hash;
        let told = presence("otto@heron.example/oar", &photo(&announced));
        scene.recv(&told).await;
        scene.give_card(OTTO, &card_with(&picture(2))).await;
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), None);
        let known = scene.vcard().known(OTTO).unwrap().unwrap();
        assert_eq!(
            (known.image, known.fullname.as_deref()),
            (None, Some("Otto"))
        );
        scene.server.forget_sent();
        tokio::time::sleep(Duration::from_secs(120)).await;
        scene.recv(&told).await;
        scene.expect_nothing("<iq/>").await;
    });
}

#[test]
fn ten_thousand_contacts_are_not_asked_at_once() {
    with_server(|mut scene| async move {
        let presences: Vec<String> = (0..10_000)
            .map(|n| {
                presence(
                    &format!("c{n}@heron.example/r"),
                    &photo(&format!("{n:040x}")),
                )
            })
            .collect();
        scene.server.say_together(&presences).unwrap();
        tokio::time::sleep(Duration::from_millis(900)).await;
        let asked = |scene: &Scene| {
            let sent = scene.server.sent();
            let sent = sent.iter().filter_map(|sent| sent.element());
            sent.filter(|it| it.child("vCard", "vcard-temp").is_some())
                .count()
        };
        assert_eq!(asked(&scene), 1);
        // A server that answers lets the next ones through, slowly.
        for _ in 0..5 {
            scene.captures = Default::default();
            scene
                .expect("<iq type='get' id='{{c}}' to='{{of}}'><vCard xmlns='vcard-temp'/></iq>")
                .await;
            scene
                .recv("<iq type='result' id='{{c}}' from='{{of}}'><vCard xmlns='vcard-temp'/></iq>")
                .await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let now = asked(&scene);
        assert!((5..=8).contains(&now), "{now}");
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        assert!(asked(&scene) <= 110, "{}", asked(&scene));
    });
}

#[test]
fn somebody_who_changes_all_the_time_is_asked_once_a_minute() {
    with_server(|scene| async move {
        let mut asked = 0;
        for n in 0..50_u8 {
            let hash = picture(n).hash;
            scene
                .recv(&presence("otto@heron.example/oar", &photo(&hash)))
                .await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let mut captures = converse_testkit::scripted::Captures::default();
            let card = "<iq type='get' id='{{c}}'><vCard xmlns='vcard-temp'/></iq>";
            let sent = scene
                .server
                .expect_within(card, &mut captures, Duration::from_millis(1))
                .await;
            if sent.is_ok() {
                asked += 1;
                let id = captures.get("c").unwrap().to_owned();
                scene
                    .recv(&format!(
                        "<iq type='result' id='{id}' from='{OTTO}'><vCard xmlns='vcard-temp'/></iq>"
                    ))
                    .await;
            }
        }
        assert_eq!(asked, 1);
    });
}

#[test]
fn without_use_vcards_nothing_is_fetched_that_nobody_asks_for() {
    clock::run(async {
        let mut scene = Scene::new(plan(), settings! { "use_vcards": false }).await;
        scene
            .expect_nothing("<iq><vCard xmlns='vcard-temp'/></iq>")
            .await;
        let picture = picture(1);
        scene
            .recv(&presence("otto@heron.example/oar", &photo(&picture.hash)))
            .await;
        assert_eq!(scene.events().await, ["avatarChanged"]);
        scene
            .expect_nothing("<iq><vCard xmlns='vcard-temp'/></iq>")
            .await;
        let call = scene.begin(|it| async move { it.avatar(OTTO).await });
        scene.give_card(OTTO, &card_with(&picture)).await;
        assert_eq!(call.await.unwrap().unwrap(), Some(picture));
    });
}
