//! What was said while the user was away comes from the room's archive, before what comes live.

use converse_core::prelude::*;
use converse_core::router::Condition;
use converse_muc::prelude::*;
use converse_testkit::scripted::Librarian;

use crate::archive::{FEATURES, archived, archived_of, live, live_text, play_archive, text};
use crate::scene::{ATRIUM, Scene, says};

fn bodies(room: &Room) -> Vec<String> {
    let all = room.messages().all().unwrap().into_iter();
    all.map(|message| message.body).collect()
}

fn texts(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    numbers
        .into_iter()
        .map(|number| format!("text {number}"))
        .collect()
}

async fn enter(scene: &Scene, archive: &Librarian) -> Room {
    let room = scene.enter_with(ATRIUM, &FEATURES).await;
    archive.asked().await.newest().last(vec![]).await;
    room
}

/// The connection is lost, and the user is in the room again.
async fn come_again(scene: &Scene) {
    scene.reconnects().await;
    scene.answers_info(ATRIUM, &FEATURES).await;
    scene.expect_join(ATRIUM, "mara").await;
    scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
}

#[test]
fn a_room_with_an_archive_is_asked_for_no_history() {
    play_archive(|scene, archive| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &FEATURES).await;
        scene
            .expect(format!(
                "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <history maxstanzas='0'/></x></presence>"
            ))
            .await;
        archive.expect_nothing().await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        let page = archive.asked().await.newest();
        assert_eq!(page.request.max, 50);
        page.last((1..4).map(text).collect()).await;
        assert_eq!(bodies(&room), texts(1..4));
        let first = room.messages().all().unwrap().remove(0);
        assert!(first.delayed);
        assert_eq!(first.stanza_id.as_deref(), Some("a1"));
        assert_eq!(
            first.time,
            "2026-02-28T09:00:01Z"
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
        );
    });
}

#[test]
fn a_room_without_an_archive_is_asked_for_history_and_nothing_else() {
    play_archive(|scene, archive| async move {
        scene.enter(ATRIUM).await;
        archive.expect_nothing().await;
    });
}

#[test]
fn live_messages_wait_until_the_archive_is_here_and_are_announced_once() {
    play_archive(|scene, archive| async move {
        let added = scene.hear("messageAdded");
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let page = archive.asked().await;
        scene.says(live_text(4)).await;
        scene.says(live_text(5)).await;
        scene.says(live_text(6)).await;
        assert!(bodies(&room).is_empty());
        page.some((1..3).map(text).collect()).await;
        // It is the newest page; of what is older only the archive knows.
        assert_eq!(bodies(&room), texts([1, 2, 4, 5, 6]));
        scene.says(live_text(7)).await;
        assert_eq!(bodies(&room), texts([1, 2, 4, 5, 6, 7]));
        let heard: Vec<_> = added
            .lock()
            .unwrap()
            .iter()
            .map(|event| event["message"]["body"].clone())
            .collect();
        assert_eq!(heard, texts([1, 2, 4, 5, 6, 7]));
    });
}

#[test]
fn what_is_in_the_archive_and_came_live_is_one_message_in_the_order_of_the_archive() {
    play_archive(|scene, archive| async move {
        let added = scene.hear("messageAdded");
        let room = enter(&scene, &archive).await;
        for number in [1, 2] {
            scene.says(live_text(number)).await;
        }
        come_again(&scene).await;
        let page = archive.asked().await.after("a2");
        for number in [5, 6] {
            scene.says(live_text(number)).await;
        }
        page.some([3, 4].map(text).into()).await;
        assert_eq!(bodies(&room), texts(1..5));
        let page = archive.asked().await.after("a4");
        page.last([5, 6].map(text).into()).await;
        assert_eq!(bodies(&room), texts(1..7));
        assert_eq!(added.lock().unwrap().len(), 6);
        // The next time it goes on from there.
        scene.says(live_text(7)).await;
        come_again(&scene).await;
        archive.nothing_follows(text(7)).await;
        assert_eq!(bodies(&room), texts(1..8));
    });
}

#[test]
fn history_that_a_room_tells_all_the_same_is_not_doubled() {
    for order in 0..3 {
        play_archive(|scene, archive| async move {
            let added = scene.hear("messageAdded");
            let room = scene.enter_with(ATRIUM, &FEATURES).await;
            let history = format!(
                "id='m9'><body>text 9</body><delay xmlns='urn:xmpp:delay' from='{ATRIUM}' stamp='2026-02-28T09:00:09Z'/>"
            );
            let page = archive.asked().await;
            if order == 0 {
                scene.says(live("a9", "pia", &history)).await;
                scene.says(live_text(9)).await;
                page.last(vec![text(9)]).await;
            } else if order == 1 {
                scene.says(says(ATRIUM, "pia", &history)).await;
                page.last(vec![text(9)]).await;
                scene.says(live_text(9)).await;
            } else {
                page.last(vec![text(9)]).await;
                scene.says(live_text(9)).await;
                scene.says(live("a9", "pia", &history)).await;
            }
            assert_eq!(bodies(&room), ["text 9"], "{order}");
            assert_eq!(added.lock().unwrap().len(), 1, "{order}");
        });
    }
}

#[test]
fn own_messages_are_one_whatever_way_they_come_back() {
    for is_archived_first in [true, false] {
        play_archive(|scene, archive| async move {
            let added = scene.hear("messageAdded");
            let room = enter(&scene, &archive).await;
            let id = room.send_message("ahoy").await.unwrap();
            // The connection breaks before the room has sent it back.
            come_again(&scene).await;
            let page = archive.asked().await.oldest();
            let inside =
                format!("id='{id}'><body>ahoy</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/>");
            let reflected = live("a2", "mara", &inside);
            if is_archived_first {
                page.last(vec![text(1), archived("a2", "10:00:00", "mara", &inside)])
                    .await;
                scene.says(&reflected).await;
            } else {
                scene.says(&reflected).await;
                page.last(vec![text(1), archived("a2", "10:00:00", "mara", &inside)])
                    .await;
            }
            assert_eq!(bodies(&room), ["text 1", "ahoy"]);
            let own = room.messages().last().unwrap().unwrap();
            assert_eq!(
                (own.sender, own.delivery),
                (SentBy::Me, Some(Delivery::Reflected))
            );
            assert_eq!(own.stanza_id.as_deref(), Some("a2"));
            assert_eq!(added.lock().unwrap().len(), 2);
        });
    }
}

#[test]
fn an_own_message_moves_behind_what_the_room_sent_before_it() {
    play_archive(|scene, archive| async move {
        let room = enter(&scene, &archive).await;
        let id = room.send_message("mine").await.unwrap();
        scene.says(live_text(1)).await;
        assert_eq!(bodies(&room), ["mine", "text 1"]);
        let inside = format!("id='{id}'><body>mine</body>");
        scene.says(live("a2", "mara", &inside)).await;
        scene.says(live_text(3)).await;
        assert_eq!(bodies(&room), ["text 1", "mine", "text 3"]);
    });
}

#[test]
fn an_archive_speaks_for_its_own_occupants_only() {
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let forged = |id, from| archived_of(id, "09:00:00", from, "><body>forged</body>");
        let chat = "<message xmlns='jabber:client' from='otto@heron.example/oar' type='chat'><body>forged</body></message>";
        let mut page = vec![
            forged("a1", "otto@heron.example/oar"),
            forged("a2", "annex@rooms.kestrel.example/pia"),
            forged("a3", ATRIUM),
        ];
        page.push(converse_core::contract::Archived::new(
            "a4",
            None,
            Stanza::parse(chat).unwrap(),
        ));
        page.push(text(5));
        archive.asked().await.last(page).await;
        assert_eq!(bodies(&room), ["text 5"]);
    });
}

#[test]
fn an_archive_that_refuses_is_replaced_by_history_the_next_time() {
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let page = archive.asked().await;
        scene.says(live_text(1)).await;
        page.refuse(Condition::Forbidden).await;
        assert_eq!(bodies(&room), ["text 1"]);
        come_again(&scene).await;
        archive.expect_nothing().await;
    });
}

#[test]
fn an_archive_that_was_silent_is_asked_again_after_a_while() {
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let silence = Error::new(ErrorKind::Timeout, "silence");
        archive.asked().await.newest().fail(silence).await;
        tokio::time::sleep(std::time::Duration::from_secs(30)).await;
        archive.asked().await.newest().last(vec![text(1)]).await;
        assert_eq!(bodies(&room), ["text 1"]);
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        archive.expect_nothing().await;
    });
}

#[test]
fn what_waits_goes_on_when_the_user_is_made_to_leave() {
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let page = archive.asked().await;
        scene.says(live_text(4)).await;
        let item = "affiliation='none' role='none'";
        let codes = "<status code='307'/><status code='110'/>";
        scene
            .says(crate::scene::presence(
                ATRIUM,
                "mara",
                "type='unavailable'",
                item,
                codes,
            ))
            .await;
        assert_eq!(bodies(&room), texts([4]));
        drop(page);
        // The cursor did not move over what was not seen.
        room.join(()).await.unwrap();
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        archive
            .asked()
            .await
            .newest()
            .last((1..5).map(text).collect())
            .await;
        assert_eq!(bodies(&room), texts(1..5));
    });
}

#[test]
fn too_much_that_comes_live_goes_on_and_is_put_in_order_later() {
    play_archive(|scene, archive| async move {
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let page = archive.asked().await;
        for number in 1_000..2_001 {
            scene.says(live_text(number)).await;
        }
        assert_eq!(room.messages().count().unwrap(), 1_000);
        page.last((990..1_003).map(text).collect()).await;
        let all = bodies(&room);
        assert_eq!(all.len(), 1_000);
        assert_eq!(all, texts(1_001..2_001));
    });
}

#[test]
fn that_nothing_is_new_is_not_believed_if_the_newest_message_is_unknown() {
    play_archive(|scene, archive| async move {
        let room = enter(&scene, &archive).await;
        scene.says(live_text(1)).await;
        come_again(&scene).await;
        // The room's archive has forgotten the message and does not say so.
        archive.asked().await.after("a1").last(vec![]).await;
        scene.says(live_text(9)).await;
        archive.asked().await.ends_with(text(8)).await;
        assert_eq!(bodies(&room), texts([1]), "what comes live waits");
        let page = archive.asked().await.newest();
        assert_eq!(page.request.max, 50);
        page.some((5..10).map(text).collect()).await;
        let page = archive.asked().await.before("a5");
        page.last((3..5).map(text).collect()).await;
        assert_eq!(bodies(&room), texts([1, 3, 4, 5, 6, 7, 8, 9]));
        assert!(room.messages().has_gaps().unwrap());
        archive.expect_nothing().await;
    });
}

#[test]
fn what_is_said_does_not_wait_long_for_an_archive_that_does_not_answer() {
    play_archive(|scene, archive| async move {
        let added = scene.hear("messageAdded");
        let room = enter(&scene, &archive).await;
        scene.says(live_text(1)).await;
        come_again(&scene).await;
        let page = archive.asked().await.after("a1");
        scene.says(live_text(3)).await;
        tokio::time::sleep(std::time::Duration::from_millis(1_900)).await;
        assert_eq!(bodies(&room), texts([1]), "it waits");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert_eq!(bodies(&room), texts([1, 3]));
        scene.says(live_text(4)).await;
        assert_eq!(bodies(&room), texts([1, 3, 4]));
        page.last([2, 3, 4].map(text).into()).await;
        assert_eq!(bodies(&room), texts(1..5));
        assert_eq!(added.lock().unwrap().len(), 4);
    });
}

#[test]
fn what_comes_in_another_order_when_a_session_goes_on_is_put_right() {
    play_archive(|scene, archive| async move {
        scene.server.plan(|plan| plan.stream_management = true);
        scene.reconnects().await;
        let room = scene.enter_with(ATRIUM, &FEATURES).await;
        let silence = Error::new(ErrorKind::Timeout, "the room does not answer");
        archive.asked().await.newest().fail(silence).await;
        scene.reconnects().await;
        // The archive answers before everything has come that waited for this connection.
        archive.asked().await.newest().last(vec![text(1)]).await;
        for number in [3, 2, 4] {
            scene.says(live_text(number)).await;
        }
        assert_eq!(bodies(&room), texts([1, 3, 2, 4]));
        scene.server.forget_session();
        come_again(&scene).await;
        let page = archive.asked().await.after("a1");
        page.last((2..5).map(text).collect()).await;
        assert_eq!(bodies(&room), texts(1..5));
    });
}
