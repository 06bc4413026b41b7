//! Paging that goes on by itself.

use converse_core::prelude::*;
use converse_mam::ArchiveError;
use converse_mam::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Captures;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;

use crate::scene::{OWN, ROOM, Scene, chat, fin, ids};

/// Gives a page with these messages, whose ends the archive tells.
async fn give(scene: &Scene, names: &Captures, page: &[&str], attributes: &str) {
    for id in page {
        scene.give_own(names, id).await;
    }
    let end = |name: &str, id: Option<&&str>| {
        id.map_or(String::new(), |id| format!("<{name}>{id}</{name}>"))
    };
    let set = end("first", page.first()) + &end("last", page.last()) + "<count>5</count>";
    scene.end(names, &fin(attributes, &set)).await;
    clock::settle().await;
}

/// Answers the next query, of which `part` is a part, with a page.
async fn page(scene: &Scene, part: &str, page: &[&str], attributes: &str) {
    let (asked, names) = scene.asked().await;
    scene.server.forget_sent();
    assert!(asked.to_xml().contains(part), "{}", asked.to_xml());
    give(scene, &names, page, attributes).await;
}

/// The ids of the next page that is there already.
fn ready(pages: &mut Pages) -> Vec<String> {
    let page = pages.next().now_or_never().unwrap().unwrap().unwrap();
    ids(&page).into_iter().map(str::to_owned).collect()
}

async fn begin(pages: &mut Pages) {
    assert!(pages.next().now_or_never().is_none());
    clock::settle().await;
}

fn no_progress(error: &Error) -> bool {
    matches!(error.cause(), Some(ArchiveError::NoProgress { .. }))
}

#[test]
fn from_the_oldest_on() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene.api.archive().pages(Query::new().max(2));
        clock::settle().await;
        assert!(scene.server.sent().is_empty(), "nobody wants a page yet");
        assert_eq!(pages.progress(), Progress::default());
        begin(&mut pages).await;
        page(
            &scene,
            "<set xmlns='http://jabber.org/protocol/rsm'><max>2</max></set>",
            &["1", "2"],
            "",
        )
        .await;
        assert!(
            scene.server.sent().is_empty(),
            "not before the first is taken"
        );
        assert_eq!(ready(&mut pages), ["1", "2"]);
        assert_eq!(pages.progress().total, Some(5));
        assert_eq!(pages.progress().fraction(), Some(0.4));
        clock::settle().await;

        page(&scene, "<after>2</after>", &["3", "4"], "").await;
        clock::settle().await;
        assert!(
            scene.server.sent().is_empty(),
            "only one page is fetched ahead"
        );
        assert_eq!(pages.resume().after.as_deref(), Some("2"));
        assert_eq!(ready(&mut pages), ["3", "4"]);
        assert_eq!(pages.resume().after.as_deref(), Some("4"));
        clock::settle().await;

        page(&scene, "<after>4</after>", &["5"], "complete='true'").await;
        assert_eq!(ready(&mut pages), ["5"]);
        assert!(pages.next().await.is_none());
        assert!(pages.next().await.is_none());
        let progress = pages.progress();
        assert_eq!((progress.pages, progress.messages), (3, 5));
        assert!(progress.is_complete);
        assert_eq!(progress.fraction(), Some(1.0));
    });
}

#[test]
fn back_from_the_newest() {
    clock::run(async {
        let scene = Scene::new().await;
        let pages = scene.api.archive().pages(json!({ "before": "" }));
        assert!(pages.is_backwards());
        let (pages, ()) = tokio::join!(pages.collect::<Vec<_>>(), async {
            page(&scene, "<max>50</max><before/>", &["4", "5"], "").await;
            page(&scene, "<before>4</before>", &["2", "3"], "").await;
            page(&scene, "<before>2</before>", &["1"], "complete='1'").await;
        });
        let pages: Vec<_> = pages.into_iter().map(Result::unwrap).collect();
        let pages: Vec<_> = pages.iter().map(ids).collect();
        assert_eq!(pages, [vec!["4", "5"], vec!["2", "3"], vec!["1"]]);
    });
}

#[test]
fn the_page_size_is_a_setting() {
    clock::run(async {
        let scene = Scene::of(
            |plan| plan.account_features.push("urn:xmpp:mam:2".to_owned()),
            settings! { "archived_messages_page_size": 7 },
        )
        .await;
        let mut pages = scene.api.archive().pages(());
        let (end, ()) = tokio::join!(
            pages.next(),
            page(&scene, "<max>7</max>", &[], "complete='true'")
        );
        assert!(end.is_none(), "a page without messages is none");
        assert!(pages.progress().is_complete);
    });
}

#[test]
fn the_archive_of_a_room() {
    clock::run(async {
        let scene = Scene::new().await;
        let room: BareJid = ROOM.parse().unwrap();
        let mut pages = scene.api.archive().pages(Query::new().room(room).max(1));
        let (first, ()) = tokio::join!(pages.next(), async {
            scene.describe(ROOM, "urn:xmpp:mam:2").await;
            let (asked, names) = scene.asked().await;
            assert_eq!(asked.attr("to").as_deref(), Some(ROOM));
            let from = format!("from='{ROOM}'");
            let line = format!("<message xmlns='jabber:client' from='{ROOM}/pia'/>");
            scene.give(&names, &from, "1", &line).await;
            let own = format!("from='{OWN}'");
            scene.give(&names, &own, "forged", &chat("forged")).await;
            let end = fin("complete='true'", "<last>1</last>");
            scene.end_from(&names, &from, &end).await;
        });
        assert_eq!(ids(&first.unwrap().unwrap()), ["1"]);
        assert!(pages.next().await.is_none());
    });
}

#[test]
fn they_resume_where_they_were() {
    clock::run(async {
        let scene = Scene::new().await;
        let options = Query::new().with("otto@heron.example".parse::<Jid>().unwrap());
        let mut pages = scene.api.archive().pages(options.max(2));
        begin(&mut pages).await;
        page(&scene, "", &["1", "2"], "").await;
        ready(&mut pages);
        clock::settle().await;
        let kept = pages.resume();
        drop(pages);

        let mut pages = scene.api.archive().pages(kept);
        scene.asked().await;
        begin(&mut pages).await;
        let (asked, names) = scene.asked().await;
        let xml = asked.to_xml();
        for part in [
            "<after>2</after>",
            "<max>2</max>",
            "<value>otto@heron.example</value>",
        ] {
            assert!(xml.contains(part), "{xml}");
        }
        // An archive may count the message in from which it is asked on.
        give(&scene, &names, &["2", "3"], "complete='true'").await;
        assert_eq!(ready(&mut pages), ["3"]);
    });
}

#[test]
fn dropping_them_ends_the_query() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene.api.archive().pages(Query::new().max(1));
        begin(&mut pages).await;
        let (_, names) = scene.asked().await;
        scene.server.forget_sent();
        let status = scene.api.connection().status().await.unwrap();
        assert_eq!(status.pending_requests, 1);
        drop(pages);
        clock::settle().await;
        let status = scene.api.connection().status().await.unwrap();
        assert_eq!(status.pending_requests, 0);
        // What comes late is a message like any that nobody asked for.
        give(&scene, &names, &["1"], "").await;
        assert!(scene.server.sent().is_empty());
    });
}

#[test]
fn a_page_that_repeats_is_the_end() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene.api.archive().pages(Query::new().max(2));
        begin(&mut pages).await;
        page(&scene, "", &["1", "2"], "").await;
        assert_eq!(ready(&mut pages), ["1", "2"]);
        page(&scene, "<after>2</after>", &["1", "2"], "").await;
        let error = pages.next().await.unwrap().unwrap_err();
        assert!(no_progress(&error), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(pages.next().await.is_none());
        clock::settle().await;
        assert!(scene.server.sent().is_empty());
        assert!(!pages.progress().is_complete);
        assert_eq!(pages.progress().messages, 2);
        assert_eq!(pages.resume().after.as_deref(), Some("2"));
    });
}

#[test]
fn a_page_that_goes_backwards_gives_what_is_new_and_is_the_end() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene.api.archive().pages(Query::new().after("9").max(3));
        begin(&mut pages).await;
        page(&scene, "<after>9</after>", &["10", "11"], "").await;
        ready(&mut pages);
        page(&scene, "<after>11</after>", &["8", "9", "10"], "").await;
        assert_eq!(ready(&mut pages), ["8"]);
        let error = pages.next().await.unwrap().unwrap_err();
        assert!(no_progress(&error), "{error}");
    });
}

#[test]
fn pages_that_overlap_give_each_message_once() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene.api.archive().pages(Query::new().max(3));
        begin(&mut pages).await;
        page(&scene, "", &["1", "2"], "").await;
        assert_eq!(ready(&mut pages), ["1", "2"]);
        page(&scene, "<after>2</after>", &["1", "2", "3"], "").await;
        assert_eq!(ready(&mut pages), ["3"]);
        page(&scene, "<after>3</after>", &["2", "3"], "complete='true'").await;
        assert!(pages.next().await.is_none());
    });
}

#[test]
fn a_page_of_nothing_readable_is_gone_over() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene.api.archive().pages(Query::new().max(2));
        begin(&mut pages).await;
        let (_, names) = scene.asked().await;
        let own = format!("from='{OWN}'");
        scene.give(&names, &own, "1", "").await;
        scene
            .end(&names, &fin("", "<first>1</first><last>1</last>"))
            .await;
        clock::settle().await;
        begin(&mut pages).await;
        page(&scene, "<after>1</after>", &["2"], "complete='true'").await;
        assert_eq!(ready(&mut pages), ["2"]);
    });
}

#[test]
fn an_archive_that_says_nothing_about_its_pages_is_paged_through() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene.api.archive().pages(Query::new().max(2));
        begin(&mut pages).await;
        for (ids, rest) in [(["1", "2"], ""), (["3", "4"], "")] {
            let (_, names) = scene.asked().await;
            for id in ids {
                scene.give_own(&names, id).await;
            }
            scene.end(&names, &fin("", rest)).await;
            clock::settle().await;
            assert_eq!(ready(&mut pages), ids);
            clock::settle().await;
        }
        page(&scene, "<after>4</after>", &[], "").await;
        assert!(pages.next().await.is_none());
        assert!(!pages.progress().is_complete, "nobody said that it was all");
    });
}

#[test]
fn errors_end_the_pages() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = scene
            .api
            .archive()
            .pages(json!({ "end": "some other day" }));
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(pages.next().await.is_none());

        let mut pages = scene.api.archive().pages(());
        begin(&mut pages).await;
        let (_, names) = scene.asked().await;
        scene.give_own(&names, "1").await;
        scene.end(&names, "").await;
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert!(pages.next().await.is_none());

        let begun = Instant::now();
        let mut pages = scene.api.archive().pages(());
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(begun.elapsed().as_secs(), 8);

        let mut pages = scene.api.archive().pages(());
        begin(&mut pages).await;
        scene.api.connection().disconnect().await.unwrap();
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
    });
}
