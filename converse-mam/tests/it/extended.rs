//! What only archives of XEP-0313 1.1 can, and what others say to it.

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;
use serde_json::Value;

use crate::scene::{MAM, ROOM, Scene, fin, ids};

const EXTENDED: &str = "urn:xmpp:mam:2#extended";

async fn extended_scene() -> Scene {
    let features = [MAM, EXTENDED];
    Scene::of(
        |plan| plan.account_features.extend(features.map(str::to_owned)),
        settings! {},
    )
    .await
}

#[test]
fn ids_are_fields_of_the_form() {
    clock::run(async {
        let scene = extended_scene().await;
        let archive = scene.api.archive();
        let query = json!({ "after_id": "a", "before_id": "b", "ids": ["c", "d"], "max": 3 });
        let (page, ()) = tokio::join!(archive.query(query), async {
            let (asked, names) = scene.asked().await;
            let query = asked.children().next().unwrap();
            let form = query.child("x", "jabber:x:data").unwrap();
            let fields = form.children().map(|field| {
                let values = field.children().map(|value| value.text().into_owned());
                (
                    field.attr("var").unwrap().into_owned(),
                    values.collect::<Vec<_>>(),
                )
            });
            let expected = [
                ("FORM_TYPE", vec![MAM]),
                ("before-id", vec!["b"]),
                ("after-id", vec!["a"]),
                ("ids", vec!["c", "d"]),
            ];
            let expected = expected
                .map(|(name, values)| (name.to_owned(), values.into_iter().map(str::to_owned)));
            for (field, (name, values)) in fields.zip(expected) {
                assert_eq!(field, (name, values.collect()));
            }
            assert!(!asked.to_xml().contains("flip-page"));
            scene.give_own(&names, "c").await;
            scene.give_own(&names, "d").await;
            scene.end(&names, &fin("complete='true'", "")).await;
        });
        assert_eq!(ids(&page.unwrap()), ["c", "d"]);
    });
}

#[test]
fn an_id_that_is_not_there_is_the_archives_error() {
    clock::run(async {
        let scene = extended_scene().await;
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(Query::new().ids(["x"])), async {
            let (_, names) = scene.asked().await;
            let xml = "<iq type='error' id='{{i}}'><error type='cancel'>\
                <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
            scene.send(&names, xml).await;
        });
        let error = page.unwrap_err();
        let cause: &StanzaError = error.cause().unwrap();
        assert_eq!(cause.condition, Condition::ItemNotFound);
    });
}

#[test]
fn a_flipped_page_comes_out_in_order() {
    clock::run(async {
        let scene = extended_scene().await;
        let archive = scene.api.archive();
        let query = Query::new().before("").max(3).flip_page(true);
        let (page, ()) = tokio::join!(archive.query(query), async {
            let (asked, names) = scene.asked().await;
            assert!(
                asked.to_xml().contains("<flip-page/>"),
                "{}",
                asked.to_xml()
            );
            for id in ["9", "8", "7"] {
                scene.give_own(&names, id).await;
            }
            let set = "<first>7</first><last>9</last>";
            scene.end(&names, &fin("", set)).await;
        });
        let mut page = page.unwrap();
        assert_eq!(ids(&page), ["7", "8", "9"]);
        let before = page.rsm.previous(3);
        assert_eq!(before.before.as_deref(), Some("7"));
        assert!(before.flip_page, "what was asked is kept");
    });
}

#[test]
fn an_archive_that_cannot_is_not_asked() {
    clock::run(async {
        let scene = Scene::new().await;
        for query in [
            json!({ "before_id": "a" }),
            json!({ "after_id": "a" }),
            json!({ "ids": ["a"] }),
            json!({ "flip_page": true }),
        ] {
            let error = scene.refused(query.clone()).await;
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            let (name, _) = query.as_object().unwrap().iter().next().unwrap();
            assert!(error.to_string().starts_with(name), "{error}");
            assert!(error.to_string().contains(EXTENDED), "{error}");
        }
        let error = scene.api.archive().metadata(None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(scene.server.sent().is_empty());
    });
}

/// What the archive of the account says about itself when it answers so.
async fn metadata(answer: &str) -> Result<Value, Error> {
    let scene = extended_scene().await;
    let archive = scene.api.archive();
    let (metadata, ()) = tokio::join!(archive.metadata(None), async {
        let pattern = format!("<iq type='get' id='{{{{i}}}}'><metadata xmlns='{MAM}'/></iq>");
        let (_, names) = scene.asked_like(&pattern).await;
        let xml = format!("<iq type='result' id='{{{{i}}}}'>{answer}</iq>");
        scene.send(&names, &xml).await;
    });
    metadata.map(|metadata| json!(metadata))
}

#[test]
fn an_archive_tells_its_ends() {
    clock::run(async {
        let full = format!(
            "<metadata xmlns='{MAM}'><start id='a' timestamp='2008-08-22T21:09:04Z'/>\
             <end id='z' timestamp='soon'/></metadata>"
        );
        let expected = json!({
            "start": { "id": "a", "time": "2008-08-22T21:09:04Z" },
            "end": { "id": "z", "time": null },
        });
        assert_eq!(metadata(&full).await.unwrap(), expected);
        let empty = format!("<metadata xmlns='{MAM}'/>");
        let expected = json!({ "start": null, "end": null });
        assert_eq!(metadata(&empty).await.unwrap(), expected);
        for wrong in ["", &format!("<metadata xmlns='{MAM}'><start/></metadata>")] {
            let error = metadata(wrong).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        }
    });
}

#[test]
fn a_room_tells_the_ends_of_its_archive() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let room: BareJid = ROOM.parse().unwrap();
        let (error, ()) = tokio::join!(archive.metadata(Some(&room)), scene.describe(ROOM, MAM));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Unsupported);
    });
}
