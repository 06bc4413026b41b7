//! Pages that other groupings want, asked for by the bus.

use converse_core::contract::{ArchivePage, AwaitedArchive, FetchArchive, PagePosition};
use converse_core::prelude::*;
use converse_testkit::clock;
use tokio::time::Instant;

use crate::scene::{OWN, ROOM, Scene, chat, fin};

async fn fetch(scene: &Scene, wanted: FetchArchive) -> AwaitedArchive {
    scene.api.bus().call(wanted).await.unwrap()
}

async fn answer(page: AwaitedArchive) -> Result<ArchivePage, Error> {
    page.await.unwrap()
}

fn ids(page: &ArchivePage) -> Vec<&str> {
    page.messages.iter().map(|it| it.id.as_str()).collect()
}

#[test]
fn a_page_of_the_own_archive_is_fetched() {
    clock::run(async {
        let scene = Scene::new().await;
        let wanted = FetchArchive::own(PagePosition::After("0".into()))
            .with("otto@heron.example".parse::<Jid>().unwrap())
            .start("2026-01-10T08:00:00Z".parse().unwrap())
            .max(2);
        let page = fetch(&scene, wanted).await;
        let (asked, names) = scene.asked().await;
        let xml = asked.to_xml();
        for part in [
            "<after>0</after>",
            "<max>2</max>",
            "<value>otto@heron.example</value>",
            "<value>2026-01-10T08:00:00Z</value>",
        ] {
            assert!(xml.contains(part), "{xml}");
        }
        scene.give_own(&names, "1").await;
        let own = format!("from='{OWN}'");
        scene.give(&names, &own, "2", "<presence/>").await;
        let set = "<first>1</first><last>2</last><count>7</count>";
        scene.end(&names, &fin("", set)).await;
        let page = answer(page).await.unwrap();
        assert_eq!(ids(&page), ["1"]);
        assert_eq!(page.messages[0].stanza.body().unwrap(), "text 1");
        let time = "2026-01-10T08:00:00Z".parse().unwrap();
        assert_eq!(page.messages[0].time, Some(time));
        assert_eq!(page.first.as_deref(), Some("1"));
        assert_eq!(
            page.last.as_deref(),
            Some("2"),
            "it tells of what is of no use too"
        );
        assert_eq!((page.count, page.is_complete), (Some(7), false));
    });
}

#[test]
fn each_position_is_asked_for() {
    clock::run(async {
        let scene = Scene::new().await;
        for (position, part) in [
            (PagePosition::Oldest, "<max>50</max></set>"),
            (PagePosition::After("a".into()), "<after>a</after>"),
            (PagePosition::Newest, "<before"),
            (PagePosition::Before("a".into()), "<before>a</before>"),
        ] {
            let page = fetch(&scene, FetchArchive::own(position)).await;
            let (asked, names) = scene.asked().await;
            assert!(asked.to_xml().contains(part), "{}", asked.to_xml());
            scene.end(&names, &fin("complete='true'", "")).await;
            assert!(answer(page).await.unwrap().is_complete);
        }
    });
}

#[test]
fn only_the_room_answers_for_its_archive() {
    clock::run(async {
        let scene = Scene::new().await;
        let room: BareJid = ROOM.parse().unwrap();
        let page = fetch(&scene, FetchArchive::room(room, PagePosition::Newest)).await;
        scene.describe(ROOM, "urn:xmpp:mam:2").await;
        let (asked, names) = scene.asked().await;
        assert_eq!(asked.attr("to").as_deref(), Some(ROOM));
        assert!(!asked.to_xml().contains("<field"), "the room is no filter");
        let line = format!("<message xmlns='jabber:client' from='{ROOM}/pia' type='groupchat'/>");
        scene
            .give(&names, &format!("from='{OWN}'"), "x", &line)
            .await;
        let room = format!("from='{ROOM}'");
        scene.give(&names, &room, "y", &chat("y")).await;
        scene.give(&names, &room, "1", &line).await;
        scene
            .end_from(&names, &room, &fin("", "<first>y</first><last>1</last>"))
            .await;
        assert_eq!(ids(&answer(page).await.unwrap()), ["1"]);
    });
}

#[test]
fn why_there_is_no_page_is_told() {
    clock::run(async {
        let scene = Scene::of(|_| {}, settings! {}).await;
        let newest = || FetchArchive::own(PagePosition::Newest);
        let page = fetch(&scene, newest()).await;
        let error = answer(page).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);

        let scene = Scene::new().await;
        let page = fetch(&scene, FetchArchive::own(PagePosition::After("x".into()))).await;
        let (_, names) = scene.asked().await;
        let xml = "<iq type='error' id='{{i}}'><error type='cancel'>\
            <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
        scene.send(&names, xml).await;
        let error = answer(page).await.unwrap_err();
        let cause: &StanzaError = error.cause().unwrap();
        assert_eq!(cause.condition, Condition::ItemNotFound);

        let begun = Instant::now();
        let page = fetch(&scene, newest()).await;
        let error = answer(page).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(begun.elapsed().as_secs(), 8);

        scene.api.connection().disconnect().await.unwrap();
        let page = fetch(&scene, newest()).await;
        let error = answer(page).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn of_one_archive_a_few_pages_are_asked_at_once_and_the_rest_in_order() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = Vec::new();
        for at in 0..7 {
            let position = PagePosition::After(at.to_string());
            pages.push(fetch(&scene, FetchArchive::own(position)).await);
        }
        clock::settle().await;
        assert_eq!(scene.server.sent().len(), 4);
        // Who does not wait any more leaves the line.
        drop(pages.remove(5));
        for at in [0, 1, 2, 3, 4, 6] {
            let (asked, names) = scene.asked().await;
            let after = format!("<after>{at}</after>");
            assert!(asked.to_xml().contains(&after), "{}", asked.to_xml());
            scene.give_own(&names, &format!("m{at}")).await;
            let set = format!("<last>m{at}</last>");
            scene.end(&names, &fin("", &set)).await;
            clock::settle().await;
        }
        for (page, at) in pages.into_iter().zip([0, 1, 2, 3, 4, 6]) {
            assert_eq!(ids(&answer(page).await.unwrap()), [format!("m{at}")]);
        }
    });
}

#[test]
fn all_who_wait_hear_that_the_session_ended() {
    clock::run(async {
        let scene = Scene::new().await;
        let mut pages = Vec::new();
        for _ in 0..9 {
            pages.push(fetch(&scene, FetchArchive::own(PagePosition::Oldest)).await);
        }
        clock::settle().await;
        scene.api.connection().disconnect().await.unwrap();
        for page in pages {
            let error = answer(page).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Disconnected);
        }
    });
}
