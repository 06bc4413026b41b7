//! Up to where everything is known.

use std::sync::Arc;
use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::contract::Archived;
use converse_core::prelude::*;
use converse_core::router::Condition;
use converse_core::store::MemoryStore;
use converse_testkit::clock;

use crate::archive::{INES, OTTO, begin, begin_with, live, plan, play, said, says};

#[test]
fn the_cursor_does_not_follow_what_comes_live_without_copies() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        // It was sent from here: nobody knows under which id.
        it.chat(OTTO).unwrap().send_message("hello").await.unwrap();
        it.acknowledged().await;
        it.recv(&live(OTTO, 3)).await;
        // It may still come into the archive, for a while.
        tokio::time::sleep(Duration::from_secs(601)).await;
        it.begin_anew().await;
        archive.nothing_follows(says(OTTO, 1)).await;
        it.recv(&live(OTTO, 4)).await;
        it.server.plan(|plan| plan.server_features.clear());
        it.begin_anew().await;
        archive.nothing_follows(says(OTTO, 4)).await;
        it.recv(&live(OTTO, 5)).await;
        it.begin_anew().await;
        // What the account's other clients said meanwhile, nobody has told.
        archive.nothing_follows(says(OTTO, 4)).await;
    });
}

#[test]
fn the_cursor_stays_before_what_was_said_offline_and_left_later() {
    play(|it, archive| async move {
        let first = archive.asked().await.newest();
        first.last(vec![says(OTTO, 1)]).await;
        it.server.drop_connection();
        clock::settle().await;
        it.chat(OTTO).unwrap().send_message("hello").await.unwrap();
        it.api.session().network_changed().await;
        archive.nothing_follows(says(OTTO, 1)).await;
        it.acknowledged().await;
        it.recv(&live(OTTO, 3)).await;
        let own = it.messages(OTTO).remove(1);
        assert_eq!(own.delivery, Some(Delivery::Acknowledged));
        it.begin_anew().await;
        // Where the archive has it is not known before it tells.
        let own = said(2, &own.id.unwrap());
        let page = vec![own, says(OTTO, 3)];
        archive.asked().await.after("1").last(page).await;
        let ids = it.messages(OTTO).into_iter().map(|one| one.stanza_id);
        let ids: Vec<_> = ids.map(Option::unwrap).collect();
        assert_eq!(ids, ["1", "2", "3"]);
    });
}

#[test]
fn what_the_archive_shows_late_gets_its_place_the_next_time() {
    play(|it, archive| async move {
        let first = archive.asked().await.newest();
        first.last(vec![says(OTTO, 1)]).await;
        let chat = it.chat(OTTO).unwrap();
        let id = chat.send_message("text 3").await.unwrap();
        it.acknowledged().await;
        it.begin_anew().await;
        let own = || said(3, &id);
        // It has given an id to what otto has said, but does not show it yet.
        archive.asked().await.after("1").last(vec![own()]).await;
        it.recv(&live(OTTO, 2)).await;
        it.recv(&live(OTTO, 4)).await;
        assert_eq!(it.numbers(OTTO), [1, 3, 2, 4]);
        it.begin_anew().await;
        let page = vec![says(OTTO, 2), own(), says(OTTO, 4)];
        archive.asked().await.after("1").last(page).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 4]);
        assert_eq!(it.announced().await, [1, 3, 2, 4]);
        // Once is enough.
        it.begin_anew().await;
        archive.asked().await.after("4").last(vec![]).await;
    });
}

#[test]
fn what_is_read_again_in_several_pages_stays_in_its_order() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        let chat = it.chat(OTTO).unwrap();
        let id = chat.send_message("text 2").await.unwrap();
        it.acknowledged().await;
        it.begin_anew().await;
        let at_once = |mut one: Archived| {
            one.time = "2026-01-28T00:02:00Z".parse().ok();
            one
        };
        let own = said(2, &id);
        let all = [own, says(OTTO, 3), says(OTTO, 4), says(OTTO, 5)].map(at_once);
        archive.asked().await.after("1").last(all.to_vec()).await;
        it.begin_anew().await;
        let mut view = chat.messages().subscribe().unwrap();
        while view.try_next().is_some() {}
        archive
            .asked()
            .await
            .after("1")
            .some(all[..2].to_vec())
            .await;
        archive
            .asked()
            .await
            .after("3")
            .last(all[2..].to_vec())
            .await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 4, 5]);
        assert!(view.try_next().is_none(), "nothing has moved");
    });
}

#[test]
fn what_comes_in_another_order_when_a_session_goes_on_is_put_right() {
    clock::run(async {
        let mut plan = plan();
        plan.stream_management = true;
        plan.resumable = true;
        let (it, archive) = begin_with(plan, None).await;
        let asked = archive.asked().await.newest();
        it.server.drop_connection();
        clock::settle().await;
        asked.fail(Error::new(ErrorKind::Disconnected, "cut")).await;
        it.api.session().network_changed().await;
        // The archive is asked again at once, and answers before everything has come that waited for this connection.
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        for number in [3, 2, 4] {
            it.recv(&live(OTTO, number)).await;
        }
        assert_eq!(it.numbers(OTTO), [1, 3, 2, 4]);
        it.server.plan(|plan| plan.resumable = false);
        it.server.forget_session();
        it.begin_anew().await;
        let page = (2..5).map(|number| says(OTTO, number)).collect();
        archive.asked().await.after("1").last(page).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 4]);
    });
}

#[test]
fn far_behind_what_comes_live_the_cursor_is_brought_up() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        it.chat(OTTO).unwrap().send_message("hello").await.unwrap();
        for number in 3..=101 {
            it.recv(&live(OTTO, number)).await;
        }
        let asked = archive.asked().await.after("1");
        // Nothing waits for that.
        it.recv(&live(OTTO, 102)).await;
        assert_eq!(it.numbers(OTTO).last(), Some(&102));
        asked
            .last((3..=102).map(|number| says(OTTO, number)).collect())
            .await;
        archive.expect_nothing().await;
        let up_to = it.api.chats().archive_progress().unwrap().up_to;
        assert_eq!(up_to.unwrap().id, "102");
    });
}

#[test]
fn another_process_goes_on_where_the_one_before_was() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new().as_durable());
        let (it, archive) = begin(Some(&store)).await;
        archive
            .asked()
            .await
            .newest()
            .some(vec![says(OTTO, 5)])
            .await;
        it.recv(&live(OTTO, 6)).await;
        clock::settle().await;
        it.server.drop_connection();
        drop(it);
        clock::settle().await;

        let (it, archive) = begin(Some(&store)).await;
        let missed = vec![says(OTTO, 6), says(OTTO, 7)];
        archive.asked().await.after("6").last(missed).await;
        assert_eq!(it.numbers(OTTO), [5, 6, 7]);
        assert_eq!(it.announced().await, [7]);
        assert_eq!(it.api.chats().archive_progress().unwrap().gaps, 1);
    });
}

#[test]
fn what_came_while_nobody_was_there_is_unread() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        let chat = it.chat(OTTO).unwrap();
        chat.minimize().unwrap();
        assert_eq!(chat.unread().unwrap(), 0);
        it.begin_anew().await;
        let missed = vec![says(OTTO, 2), says(OTTO, 3)];
        archive.asked().await.after("1").last(missed).await;
        assert_eq!(chat.unread().unwrap(), 2);
        assert_eq!(it.payloads("message").await.len(), 2);
    });
}

#[test]
fn what_no_archive_has_does_not_wait_when_the_server_is_to_forget_it() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new().as_durable());
        let mut plan = plan();
        plan.stream_management = true;
        let (it, archive) = begin_with(plan, Some(&store)).await;
        let asked = archive.asked().await.newest();
        let acknowledge = async || {
            it.server.say("<r xmlns='urn:xmpp:sm:3'/>").unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        it.recv(&live(OTTO, 2)).await;
        acknowledge().await;
        assert!(it.chat(OTTO).is_none(), "the archive has it");
        let elsewhere =
            "<message from='ines@heron.example/x' type='chat' id='n'><body>text 3</body></message>";
        it.recv(elsewhere).await;
        acknowledge().await;
        assert_eq!((it.numbers(OTTO), it.numbers(INES)), (vec![2], vec![3]));
        asked.last(vec![says(OTTO, 1), says(OTTO, 2)]).await;
        assert_eq!(it.numbers(OTTO), [1, 2]);
    });
}

#[test]
fn two_messages_to_which_the_archive_gives_one_id_are_two() {
    play(|it, archive| async move {
        let (ines, otto) = (says(INES, 2), says(OTTO, 2));
        let page = vec![says(OTTO, 1), ines, otto.clone(), otto];
        archive.asked().await.newest().last(page).await;
        assert_eq!((it.numbers(OTTO), it.numbers(INES)), (vec![1, 2], vec![2]));
        it.begin_anew().await;
        archive.asked().await.after("2").last(vec![]).await;
    });
}

#[test]
fn what_was_sent_and_is_found_in_a_gap_stands_behind_what_comes_before_the_gap() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        // What comes now waited for long, so that the archive got it later than it was said.
        let late = |mut one: Archived| {
            one.time = format!("2026-06-01T08:{:0>2}:00Z", one.id).parse().ok();
            one
        };
        let chat = it.chat(OTTO).unwrap();
        let id = chat.send_message("text 5").await.unwrap();
        it.acknowledged().await;
        it.begin_anew().await;
        let page = vec![says(OTTO, 2), says(OTTO, 3)]
            .into_iter()
            .map(late)
            .collect();
        archive.asked().await.after("1").some(page).await;
        let gone = Condition::ItemNotFound;
        archive.asked().await.after("3").refuse(gone).await;
        archive
            .asked()
            .await
            .newest()
            .some(vec![late(says(OTTO, 10))])
            .await;
        let silence = Error::new(ErrorKind::Timeout, "silence");
        archive.asked().await.before("10").fail(silence).await;
        assert_eq!(it.numbers(OTTO), [1, 5, 2, 3, 10]);
        let messages = chat.messages();
        let older = actix::spawn(async move { messages.load_older(1).await });
        let own = said(5, &id);
        let asked = archive.asked().await.before("10").with(OTTO);
        asked.last(vec![says(OTTO, 3), own, says(OTTO, 6)]).await;
        clock::settle().await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 5, 6, 10]);
        assert!(older.is_finished());
    });
}
