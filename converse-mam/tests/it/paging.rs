//! From page to page.

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;
use serde_json::Value;

use crate::scene::{Scene, fin, ids};

const FIRST_PAGE: &str = "<first index='0'>1</first><last>2</last><count>5</count>";

/// A page with the messages `1` and `2`.
async fn page(scene: &Scene, query: Value) -> Page {
    let archive = scene.api.archive();
    let (page, ()) = tokio::join!(archive.query(query), async {
        let (_, names) = scene.asked().await;
        scene.give_own(&names, "1").await;
        scene.give_own(&names, "2").await;
        scene.end(&names, &fin("", FIRST_PAGE)).await;
    });
    page.unwrap()
}

/// What is sent for a query, which gets an empty page.
async fn sent(scene: &Scene, query: impl Into<Query>) -> (String, Page) {
    let archive = scene.api.archive();
    let query: Query = query.into();
    let (page, xml) = tokio::join!(archive.query(query), async {
        let (element, names) = scene.asked().await;
        let end = fin("complete='true'", "<count>5</count>");
        scene.end(&names, &end).await;
        element.to_xml()
    });
    (xml, page.unwrap())
}

fn options() -> Value {
    json!({ "with": "otto@heron.example", "start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z", "max": 2 })
}

fn assert_kept(xml: &str) {
    for value in [
        "otto@heron.example",
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
    ] {
        assert!(xml.contains(&format!("<value>{value}</value>")), "{xml}");
    }
}

#[test]
fn api_082_the_rsm_has_what_was_asked_and_what_was_answered() {
    clock::run(async {
        let scene = Scene::new().await;
        let rsm = page(&scene, options()).await.rsm;
        assert_eq!(rsm.query, Query::try_from(options()).unwrap());
        assert_eq!(
            (rsm.first.as_deref(), rsm.last.as_deref()),
            (Some("1"), Some("2"))
        );
        assert_eq!(
            (rsm.index, rsm.count, rsm.complete),
            (Some(0), Some(5), false)
        );
        let value = json!(rsm);
        assert_eq!(value["with"], "otto@heron.example");
        assert_eq!(value["max"], 2);
        assert_eq!(value["count"], 5);
    });
}

#[test]
fn api_083_next_follows_the_page() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut rsm = page(&scene, options()).await.rsm;
        let (xml, _) = sent(&scene, rsm.next(10)).await;
        assert!(
            xml.contains("<after>2</after>") && xml.contains("<max>10</max>"),
            "{xml}"
        );
        assert!(!xml.contains("<before"), "{xml}");
        assert_kept(&xml);
    });
}

#[test]
fn api_084_previous_precedes_the_page_both_ways() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut rsm = page(&scene, options()).await.rsm;
        let (by_value, _) = sent(&scene, rsm.clone().previous(5)).await;
        rsm.previous(5);
        let (by_object, _) = sent(&scene, &rsm).await;
        for xml in [by_value, by_object] {
            assert!(
                xml.contains("<before>1</before>") && xml.contains("<max>5</max>"),
                "{xml}"
            );
            assert!(!xml.contains("<after"), "{xml}");
            assert_kept(&xml);
        }
    });
}

#[test]
fn api_085_after_the_last_page_there_is_nothing() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut rsm = page(&scene, options()).await.rsm;
        let (_, mut last) = sent(&scene, rsm.next(10)).await;
        assert!(last.messages.is_empty() && last.rsm.complete);
        assert_eq!((&last.rsm.first, &last.rsm.last), (&None, &None));
        let (xml, beyond) = sent(&scene, last.rsm.next(10)).await;
        assert!(
            xml.contains("<after>2</after>"),
            "not from the start again: {xml}"
        );
        assert!(beyond.messages.is_empty());
    });
}

#[test]
fn a_page_that_is_longer_than_asked_is_cut_off() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut page = page(&scene, json!({ "max": 1 })).await;
        assert_eq!(ids(&page), ["1"]);
        let (xml, _) = sent(&scene, page.rsm.next(1)).await;
        assert!(xml.contains("<after>1</after>"), "{xml}");
    });
}
