//! What other clients of the user's do is seen at once (XEP-0402 §4).

use converse_testkit::clock;

use crate::scene::{GARDEN, HALL, LIST, NATIVE, PUBSUB, item, list, with_items};

#[test]
fn each_change_is_told() {
    with_items(&item(GARDEN, "name='Garden'", ""), |mut scene| async move {
        scene.tell(NATIVE, &item(HALL, "", "")).await;
        scene
            .tell(NATIVE, &item(GARDEN, "name='The garden'", ""))
            .await;
        let changed = scene.payloads("bookmarkChanged").await;
        assert_eq!(changed[0]["bookmark"]["name"], "The garden");
        assert_eq!(changed[0]["before"]["name"], "Garden");
        scene
            .tell(NATIVE, &format!("<retract id='{GARDEN}'/>"))
            .await;
        let expected = [
            format!("bookmarkAdded {HALL}"),
            format!("bookmarkRemoved {GARDEN}"),
        ];
        assert_eq!(scene.events().await, expected);
        assert_eq!(scene.shown(), [HALL]);
        // The same once more is nothing new.
        scene.tell(NATIVE, &item(HALL, "", "")).await;
        scene
            .tell(NATIVE, &format!("<retract id='{GARDEN}'/>"))
            .await;
        assert!(scene.events().await.is_empty());
    });
}

#[test]
fn nobody_else_can_tell_what_the_user_has_put_down() {
    with_items(&item(GARDEN, "", ""), |mut scene| async move {
        for from in [
            "vex@mallard.example",
            "otto@heron.example",
            "kestrel.example",
            "mara@kestrel.example/phone",
            "rooms.example",
            GARDEN,
        ] {
            scene
                .tell_from(from, NATIVE, &item(HALL, "autojoin='1'", ""))
                .await;
            scene
                .tell_from(from, NATIVE, &format!("<retract id='{GARDEN}'/>"))
                .await;
        }
        assert!(scene.events().await.is_empty());
        assert!(scene.moves().await.is_empty());
        assert_eq!(scene.shown(), [GARDEN]);
    });
}

#[test]
fn what_cannot_be_read_costs_nothing_else() {
    with_items("", |mut scene| async move {
        let news = [
            item("@", "", ""),
            item("garden@rooms.example/Ro", "autojoin='1'", ""),
            format!("<item id='lobby@rooms.example'><conference xmlns='{LIST}'/></item>"),
            "<retract id=''/><retract id='@'/><retract/>".to_owned(),
            item(GARDEN, "autojoin='maybe'", "<nick> </nick><extensions/>"),
        ];
        scene.tell(NATIVE, &news.concat()).await;
        assert_eq!(scene.shown(), [GARDEN]);
    });
}

/// XEP-0060 §4.3: a node can be one whose events carry no payloads.
#[test]
fn events_without_payloads_have_the_node_fetched() {
    with_items(&item(GARDEN, "", ""), |mut scene| async move {
        scene.tell(NATIVE, &format!("<item id='{HALL}'/>")).await;
        scene
            .give_node(NATIVE, &item(HALL, "autojoin='1'", ""))
            .await;
        assert_eq!(scene.shown(), [format!("{HALL} !")]);
        assert_eq!(
            scene.moves().await,
            [format!("leave {GARDEN}"), format!("enter {HALL}")]
        );
    });
}

#[test]
fn many_events_without_payloads_have_the_node_fetched_once_more() {
    with_items("", |mut scene| async move {
        scene.tell(NATIVE, &format!("<item id='{HALL}'/>")).await;
        scene.expect_get(NATIVE).await;
        let first = scene.captures.clone();
        for _ in 0..10 {
            scene.tell(NATIVE, &format!("<item id='{GARDEN}'/>")).await;
        }
        scene.expect_nothing("<iq type='get'/>").await;
        scene.captures = first;
        scene
            .recv(&format!(
                "<iq type='result' id='{{{{id}}}}'><pubsub xmlns='{PUBSUB}'><items node='{NATIVE}'/></pubsub></iq>"
            ))
            .await;
        scene.give_node(NATIVE, &item(GARDEN, "", "")).await;
        assert_eq!(scene.shown(), [GARDEN]);
        scene.expect_nothing("<iq type='get'/>").await;
    });
}

#[test]
fn a_node_that_is_emptied_has_no_bookmarks() {
    for what in ["purge", "delete"] {
        with_items(&item(GARDEN, "", ""), |scene| async move {
            scene
                .recv(&format!(
                    "<message from='mara@kestrel.example' type='headline'>\
                     <event xmlns='http://jabber.org/protocol/pubsub#event'><{what} node='{NATIVE}'/></event></message>"
                ))
                .await;
            assert!(scene.shown().is_empty(), "{what}");
        });
    }
}

#[test]
fn a_list_that_is_none_of_ours_is_not_listened_to() {
    with_items(&item(GARDEN, "", ""), |mut scene| async move {
        let entry = format!("<conference jid='{HALL}' autojoin='1'/>");
        scene.tell(LIST, &list(&entry)).await;
        scene.tell(LIST, &list("")).await;
        assert_eq!(scene.shown(), [GARDEN]);
        assert!(scene.moves().await.is_empty());
        clock::settle().await;
    });
}

#[test]
fn there_are_not_more_bookmarks_than_there_may_be() {
    with_items("", |mut scene| async move {
        for batch in 0..11 {
            let items = (0..1_000).map(|it| item(&format!("r{batch}-{it}@rooms.example"), "", ""));
            scene.tell(NATIVE, &items.collect::<String>()).await;
        }
        assert_eq!(scene.bookmarks().all().len(), 10_000);
        // Those that are there can change still.
        scene
            .tell(NATIVE, &item("r0-1@rooms.example", "name='R'", ""))
            .await;
        let changed = scene.bookmarks().get("r0-1@rooms.example").unwrap();
        assert_eq!(changed.unwrap().name.as_deref(), Some("R"));
    });
}
