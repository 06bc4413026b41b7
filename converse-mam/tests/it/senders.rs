//! Who may speak for an archive (XEP-0313 §10.1).

use std::sync::{Arc, Mutex};

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;

use crate::scene::{OWN, ROOM, Scene, chat, fin, ids};

#[test]
fn api_091_two_queries_at_once_have_their_own_results() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let with = |jid: &str| json!({ "with": jid });
        let (otto, ines, ()) = tokio::join!(
            archive.query(with("otto@heron.example")),
            archive.query(with("ines@heron.example")),
            async {
                let (_, one) = scene.asked().await;
                let (_, two) = scene.asked().await;
                assert_ne!(one.get("q"), two.get("q"));
                scene.give_own(&two, "51").await;
                scene.give_own(&one, "28").await;
                scene.end(&two, &fin("", "<last>51</last>")).await;
                scene.give_own(&one, "29").await;
                scene.end(&one, &fin("", "<last>29</last>")).await;
            }
        );
        assert_eq!(ids(&otto.unwrap()), ["28", "29"]);
        assert_eq!(ids(&ines.unwrap()), ["51"]);
    });
}

#[test]
fn only_the_own_account_speaks_for_the_own_archive() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(()), async {
            let (_, names) = scene.asked().await;
            for forger in [
                "vex@mallard.example/x9",
                "vex@mallard.example",
                "otto@heron.example",
                "kestrel.example",
                ROOM,
                "mara@kestrel.example/other",
            ] {
                let from = format!("from='{forger}'");
                scene.give(&names, &from, "forged", &chat("forged")).await;
                if forger != "kestrel.example" {
                    scene
                        .end_from(&names, &from, &fin("complete='true'", ""))
                        .await;
                }
            }
            scene.give(&names, "", "1", &chat("1")).await;
            scene.give_own(&names, "2").await;
            scene.end(&names, &fin("", "<last>2</last>")).await;
        });
        assert_eq!(ids(&page.unwrap()), ["1", "2"]);
    });
}

#[test]
fn only_the_room_speaks_for_its_archive_and_only_for_its_occupants() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let query = json!({ "with": ROOM, "groupchat": true });
        let (page, ()) = tokio::join!(archive.query(query), async {
            scene.describe(ROOM, "urn:xmpp:mam:2").await;
            let (_, names) = scene.asked().await;
            let of_room =
                format!("<message xmlns='jabber:client' from='{ROOM}/pia' type='groupchat'/>");
            for forger in ["annex@rooms.kestrel.example", &format!("{ROOM}/rook"), OWN] {
                let from = format!("from='{forger}'");
                scene.give(&names, &from, "forged", &of_room).await;
            }
            scene.give(&names, "", "forged", &of_room).await;
            let from = format!("from='{ROOM}'");
            scene.give(&names, &from, "outside", &chat("outside")).await;
            scene.give(&names, &from, "1", &of_room).await;
            scene
                .end_from(&names, &from, &fin("", "<last>1</last>"))
                .await;
        });
        assert_eq!(ids(&page.unwrap()), ["1"]);
    });
}

#[test]
fn what_is_no_result_of_the_query_is_left_out() {
    clock::run(async {
        let scene = Scene::new().await;
        let heard = Arc::new(Mutex::new(0));
        let count = Arc::clone(&heard);
        let text = Route::message().with_child("body", "jabber:client");
        let hearing = scene.api.hear_sync(text, move |_| {
            *count.lock().unwrap() += 1;
            Ok(())
        });
        hearing.unwrap();
        let archive = scene.api.archive();
        let (page, ()) = tokio::join!(archive.query(()), async {
            let (_, names) = scene.asked().await;
            let mut other = names.clone();
            other.set("q", "whatever");
            scene.give_own(&other, "unsolicited").await;
            let own = format!("from='{OWN}'");
            for (id, inner) in [
                ("a", ""),
                (
                    "b",
                    "<message from='otto@heron.example'><body>no namespace</body></message>",
                ),
                ("c", "<message xmlns='jabber:client' from='@'/>"),
                (
                    "d",
                    "<presence xmlns='jabber:client' from='otto@heron.example'/>",
                ),
            ] {
                scene.give(&names, &own, id, inner).await;
            }
            let no_id = "<message><result xmlns='urn:xmpp:mam:2' queryid='{{q}}'/></message>";
            scene.send(&names, no_id).await;
            scene.give_own(&names, "1").await;
            scene.end(&names, &fin("", "<last>1</last>")).await;
            scene.give_own(&names, "late").await;
        });
        assert_eq!(ids(&page.unwrap()), ["1"]);
        clock::settle().await;
        assert_eq!(
            *heard.lock().unwrap(),
            0,
            "no result is a message to anybody"
        );
    });
}
