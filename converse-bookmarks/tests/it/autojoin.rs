//! Rooms are entered and left as bookmarks say (XEP-0402 §3.2, §4).

use converse_testkit::clock;

use crate::scene::{
    COMPAT, GARDEN, HALL, LIST, NATIVE, OPTIONS, SHUT, item, list, plan, room, with_items,
    with_server,
};

#[test]
fn rooms_are_entered_at_the_start_of_a_session() {
    let inside = "<nick>Ro</nick><password>rose</password>";
    let items = [
        item(GARDEN, "autojoin='true'", inside),
        item(HALL, "autojoin='false'", ""),
    ];
    with_items(&items.concat(), |mut scene| async move {
        assert_eq!(scene.moves().await, [format!("enter {GARDEN} Ro rose")]);
        // What was changed while there was no connection is made up for.
        scene.server.drop_connection();
        let items = [item(GARDEN, "", ""), item(HALL, "autojoin='1'", "")];
        scene.give_node(NATIVE, &items.concat()).await;
        assert_eq!(
            scene.moves().await,
            [format!("enter {HALL}"), format!("leave {GARDEN}")]
        );
    });
}

/// Rooms are entered again by who is in them, and whoever has left one wants to be out.
#[test]
fn a_lost_connection_is_no_reason_to_enter_rooms() {
    let items = [item(GARDEN, "autojoin='1'", ""), item(HALL, "", "")].concat();
    with_items(&items.clone(), |mut scene| async move {
        scene.moves().await;
        scene.server.drop_connection();
        scene.give_node(NATIVE, &items).await;
        assert!(scene.moves().await.is_empty());
        // A login is.
        scene.api.user().logout().await.unwrap();
        scene.api.user().login(()).await.unwrap();
        scene.give_node(NATIVE, &items).await;
        assert_eq!(scene.moves().await, [format!("enter {GARDEN}")]);
    });
}

#[test]
fn a_room_that_could_not_be_entered_is_tried_in_the_next_session() {
    let items = [item(SHUT, "autojoin='1'", ""), item(GARDEN, "", "")].concat();
    with_items(&items.clone(), |mut scene| async move {
        assert_eq!(scene.moves().await, [format!("enter {SHUT}")]);
        scene.server.drop_connection();
        scene.give_node(NATIVE, &items).await;
        assert_eq!(scene.moves().await, [format!("enter {SHUT}")]);
    });
}

#[test]
fn another_client_has_rooms_entered_and_left() {
    with_items("", |mut scene| async move {
        scene
            .tell(NATIVE, &item(GARDEN, "autojoin='1'", "<nick>Ro</nick>"))
            .await;
        assert_eq!(scene.moves().await, [format!("enter {GARDEN} Ro")]);
        scene
            .tell(NATIVE, &item(GARDEN, "", "<nick>Ro</nick>"))
            .await;
        assert_eq!(scene.moves().await, [format!("leave {GARDEN}")]);
        // A room that was put down not to be entered is not one to be in.
        scene.tell(NATIVE, &item(HALL, "name='Hall'", "")).await;
        assert_eq!(scene.moves().await, [format!("leave {HALL}")]);
        scene.tell(NATIVE, &format!("<retract id='{HALL}'/>")).await;
        assert_eq!(scene.moves().await, [format!("leave {HALL}")]);
        scene.tell(NATIVE, &format!("<retract id='{HALL}'/>")).await;
        assert!(scene.moves().await.is_empty());
    });
}

#[test]
fn another_name_moves_nobody() {
    let items = [item(GARDEN, "autojoin='true'", ""), item(HALL, "", "")];
    with_items(&items.concat(), |mut scene| async move {
        scene.moves().await;
        scene
            .tell(NATIVE, &item(GARDEN, "autojoin='true' name='Garden'", ""))
            .await;
        scene.tell(NATIVE, &item(HALL, "name='Hall'", "")).await;
        assert!(scene.moves().await.is_empty());
        assert_eq!(
            scene.shown(),
            [format!("{GARDEN} Garden !"), format!("{HALL} Hall")]
        );
    });
}

/// Whichever comes first, the answer or what the server tells everybody.
#[test]
fn what_was_changed_from_here_moves_nobody() {
    for told_first in [true, false] {
        with_items("", |mut scene| async move {
            let call = scene.begin(|it| async move { it.set(room(GARDEN)).await });
            scene.give_node(NATIVE, "").await;
            scene.expect_set("<publish/>").await;
            let told = item(GARDEN, "", "");
            if told_first {
                scene.tell(NATIVE, &told).await;
                scene.done().await;
            } else {
                scene.done().await;
                scene.tell(NATIVE, &told).await;
            }
            call.await.unwrap().unwrap();
            let call = scene.begin(|it| async move { it.remove(GARDEN).await });
            scene.give_node(NATIVE, &told).await;
            scene.expect_set("<retract/>").await;
            let told = format!("<retract id='{GARDEN}'/>");
            if told_first {
                scene.tell(NATIVE, &told).await;
                scene.done().await;
            } else {
                scene.done().await;
                scene.tell(NATIVE, &told).await;
            }
            call.await.unwrap().unwrap();
            assert!(scene.moves().await.is_empty(), "told first: {told_first}");
            assert_eq!(
                scene.events().await,
                [
                    format!("bookmarkAdded {GARDEN}"),
                    format!("bookmarkRemoved {GARDEN}")
                ]
            );
        });
    }
}

/// The service tells the last item at the start of a session, which nobody has changed.
#[test]
fn what_is_told_before_the_answer_moves_nobody() {
    with_server(plan(&[OPTIONS, COMPAT], &[]), |mut scene| async move {
        scene.tell(NATIVE, &item(HALL, "", "")).await;
        scene.give_node(NATIVE, &item(HALL, "", "")).await;
        scene.tell(NATIVE, &item(HALL, "", "")).await;
        assert!(scene.moves().await.is_empty());
        assert_eq!(scene.events().await, ["bookmarksInitialized"]);
    });
}

#[test]
fn lists_have_rooms_entered_and_left_too() {
    with_server(plan(&[OPTIONS], &[]), |mut scene| async move {
        scene.give_node(NATIVE, "").await;
        scene.give_node(LIST, "").await;
        let entry =
            |jid: &str, autojoin: bool| format!("<conference jid='{jid}' autojoin='{autojoin}'/>");
        let both = [entry(GARDEN, true), entry(HALL, false)].concat();
        scene.tell(LIST, &list(&both)).await;
        assert_eq!(scene.moves().await, [format!("enter {GARDEN}")]);
        scene.tell(LIST, &list(&entry(GARDEN, false))).await;
        let mut moves = scene.moves().await;
        moves.sort();
        assert_eq!(moves, [format!("leave {GARDEN}"), format!("leave {HALL}")]);
    });
}

#[test]
fn two_hundred_rooms_are_handed_over_at_once() {
    let items: String = (0..200)
        .map(|number| {
            item(
                &format!("room{number:03}@rooms.example"),
                "autojoin='1'",
                "",
            )
        })
        .collect();
    with_items(&items, |scene| async move {
        let moves = scene.moves().await;
        assert_eq!(moves.len(), 200);
        assert_eq!(moves[199], "enter room199@rooms.example");
        clock::settle().await;
    });
}
