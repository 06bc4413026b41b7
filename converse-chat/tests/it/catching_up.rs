//! What was missed comes from the archive of the account, before what comes live.

mod cursor;
mod forgotten;
mod silent;

use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_core::router::Condition;
use converse_core::view::Diff;
use converse_testkit::clock;
use serde_json::json;

use crate::archive::{INES, OTTO, OWN, begin_with, live, plan, play, raw, said, says, with, wrote};

#[test]
fn what_was_missed_is_announced_in_order_and_before_what_comes_live() {
    play(|it, archive| async move {
        archive.asked().await.newest().last(vec![]).await;
        it.recv(&live(OTTO, 1)).await;
        it.begin_anew().await;
        let asked = archive.asked().await.after("1");
        it.recorded().await;
        it.recv(&live(OTTO, 6)).await;
        it.recv(&live(INES, 7)).await;
        assert_eq!(it.numbers(OTTO), [1], "what comes live waits");
        asked.some(vec![says(OTTO, 2), wrote(OTTO, 3)]).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3]);
        let rest = vec![says(INES, 4), says(OTTO, 5), says(OTTO, 6)];
        archive.asked().await.after("3").last(rest).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 5, 6]);
        assert_eq!(it.numbers(INES), [4, 7]);
        assert_eq!(it.announced().await, [2, 3, 4, 5, 6, 7]);
        archive.expect_nothing().await;
        let own = it.messages(OTTO).remove(2);
        assert_eq!(
            (own.sender, own.delivery),
            (SentBy::Me, Some(Delivery::Acknowledged))
        );
        assert_eq!(own.stanza_id.as_deref(), Some("3"));
        assert_eq!(own.time.to_rfc3339(), "2026-01-28T00:03:00+00:00");
        assert!(own.delayed);
    });
}

#[test]
fn programs_hear_how_far_it_is() {
    play(|it, archive| async move {
        archive.asked().await.newest().last(vec![]).await;
        let caught_up = it.payloads("archiveCaughtUp").await;
        assert_eq!(
            caught_up,
            [json!({ "room": null, "messages": 0, "missed": "whole" })]
        );
        it.begin_anew().await;
        assert!(it.api.chats().archive_progress().unwrap().is_running);
        archive
            .asked()
            .await
            .oldest()
            .some(vec![says(OTTO, 1)])
            .await;
        archive
            .asked()
            .await
            .after("1")
            .last(vec![says(OTTO, 2)])
            .await;
        let running = it.payloads("archiveCatchingUp").await;
        let counts: Vec<_> = running.iter().map(|one| one["messages"].clone()).collect();
        assert_eq!(counts, [1, 2]);
        let progress = it.api.chats().archive_progress().unwrap();
        let up_to = progress.up_to.unwrap();
        assert_eq!(
            (progress.is_running, progress.gaps, up_to.id.as_str()),
            (false, 0, "2")
        );
        assert_eq!(up_to.time, Some("2026-01-28T00:02:00Z".parse().unwrap()));
    });
}

#[test]
fn the_first_time_the_newest_page_comes_and_nothing_of_it_is_news() {
    play(|it, archive| async move {
        it.recv(&live(OTTO, 9)).await;
        let page = vec![says(OTTO, 7), says(INES, 8)];
        archive.asked().await.newest().some(page).await;
        assert_eq!(it.numbers(OTTO), [7, 9]);
        assert_eq!(it.announced().await, [7, 8, 9]);
        let received = it.payloads("message").await;
        assert!(received.len() <= 1, "{received:?}");
        archive.expect_nothing().await;
        assert_eq!(it.api.chats().archive_progress().unwrap().gaps, 1);
    });
}

#[test]
fn a_message_is_announced_once_whichever_ways_it_comes() {
    play(|it, archive| async move {
        archive.asked().await.newest().last(vec![]).await;
        it.recv(&live(OTTO, 1)).await;
        it.recv(&live(OTTO, 1)).await;
        let inner = live(OTTO, 1).replace("<message", "<message xmlns='jabber:client'");
        let copy = format!(
            "<message from='{OWN}' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></received></message>"
        );
        it.recv(&copy).await;
        it.begin_anew().await;
        let page = vec![says(OTTO, 1), says(OTTO, 1)];
        archive.asked().await.after("1").last(page).await;
        assert_eq!(it.numbers(OTTO), [1]);
        assert_eq!(it.announced().await, [1]);
    });
}

#[test]
fn what_was_sent_gets_its_id_and_its_place_from_the_archive() {
    play(|it, archive| async move {
        archive.asked().await.newest().last(vec![]).await;
        it.recv(&live(OTTO, 1)).await;
        let chat = it.chat(OTTO).unwrap();
        let id = chat.send_message("text 3").await.unwrap();
        // Another client heard it before; this one was cut off.
        it.recv(&live(OTTO, 4)).await;
        it.begin_anew().await;
        let own = said(3, &id);
        let asked = archive.asked().await.after("1");
        asked.last(vec![says(OTTO, 2), own, says(OTTO, 4)]).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 4]);
        let own = it.messages(OTTO).remove(2);
        assert_eq!(own.stanza_id.as_deref(), Some("3"));
        assert_eq!(it.announced().await, [1, 3, 4, 2]);
    });
}

#[test]
fn the_order_is_that_of_the_archive_and_not_of_the_stamps() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 600)])
            .await;
        it.begin_anew().await;
        let mut view = it.chat(OTTO).unwrap().messages().subscribe().unwrap();
        while view.try_next().is_some() {}
        // The clock of the server was set back by nearly ten hours.
        let page = vec![says(OTTO, 5), says(OTTO, 4), says(OTTO, 700), says(OTTO, 6)];
        archive.asked().await.after("600").last(page).await;
        // Whether that does follow is not clear from the stamps.
        let asked = archive.asked().await.before("5");
        asked.last(vec![says(OTTO, 600)]).await;
        assert_eq!(it.numbers(OTTO), [600, 5, 4, 700, 6]);
        for expected in 1..=4 {
            let Some(Diff::Insert { index, .. }) = view.try_next() else {
                panic!("it is put in once, at its place");
            };
            assert_eq!(index, expected);
        }
    });
}

#[test]
fn nobody_gets_a_receipt_for_what_comes_from_the_archive() {
    play(|mut it, archive| async move {
        archive.asked().await.newest().last(vec![]).await;
        it.begin_anew().await;
        it.forget().await;
        let request = "<request xmlns='urn:xmpp:receipts'/><active xmlns='http://jabber.org/protocol/chatstates'/>";
        let attributes = format!("from='{OTTO}/oar' to='{OWN}/desk' id='m1'");
        archive
            .asked()
            .await
            .oldest()
            .last(vec![with(1, &attributes, request)])
            .await;
        assert_eq!(it.numbers(OTTO), [1]);
        it.expect_nothing("<message><received xmlns='urn:xmpp:receipts'/></message>")
            .await;
        assert_eq!(it.chat(OTTO).unwrap().contact_chat_state().unwrap(), None);
        // What comes live gets one.
        it.recv(&format!(
            "<message from='{OTTO}/oar' type='chat' id='m2'><body>x</body>{request}</message>"
        ))
        .await;
        it.expect("<message><received xmlns='urn:xmpp:receipts' id='m2'/></message>")
            .await;
    });
}

#[test]
fn what_the_account_has_nothing_to_do_with_is_left_out() {
    play(|it, archive| async move {
        let inside = format!(
            "<message xmlns='jabber:client' from='vex@mallard.example/x' to='{OWN}' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message from='{OWN}/desk' to='{OTTO}'><body>text 66</body></message></forwarded></sent></message>"
        );
        let page = vec![
            with(1, &format!("from='{OTTO}/oar' to='{INES}'"), ""),
            raw(2, &inside),
            raw(
                3,
                &format!(
                    "<message xmlns='jabber:client' from='atrium@rooms.kestrel.example/pia' to='{OWN}' type='groupchat'><body>text 3</body></message>"
                ),
            ),
            says(OTTO, 4),
        ];
        archive.asked().await.newest().last(page).await;
        assert_eq!(it.api.chats().all().len(), 1);
        assert_eq!(it.numbers(OTTO), [4]);
        let stamped = format!("from='{INES}/x' to='{OWN}'");
        it.begin_anew().await;
        // Neither what it says of its id nor of its time counts.
        let lies = format!(
            "<stanza-id xmlns='urn:xmpp:sid:0' by='{OWN}' id='77'/><delay xmlns='urn:xmpp:delay' from='{OWN}' stamp='2020-01-01T00:00:00Z'/>"
        );
        archive
            .asked()
            .await
            .after("4")
            .last(vec![with(5, &stamped, &lies)])
            .await;
        let message = it.messages(INES).remove(0);
        assert_eq!(message.stanza_id.as_deref(), Some("5"));
        assert_eq!(message.time.to_rfc3339(), "2026-01-28T00:05:00+00:00");
    });
}

#[test]
fn when_the_archive_fails_nothing_that_came_live_is_lost_and_it_is_asked_again() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        it.begin_anew().await;
        it.recv(&live(OTTO, 5)).await;
        archive
            .asked()
            .await
            .after("1")
            .some(vec![says(OTTO, 2)])
            .await;
        archive
            .asked()
            .await
            .after("2")
            .fail(Error::new(ErrorKind::Timeout, "silence"))
            .await;
        assert_eq!(it.numbers(OTTO), [1, 2, 5]);
        let missed = it.payloads("archiveCaughtUp").await.pop().unwrap();
        assert_eq!(missed["missed"], "unknown");
        // What is newer does not hide that something is missing.
        it.recv(&live(OTTO, 6)).await;
        it.begin_anew().await;
        let rest = vec![says(OTTO, 3), says(OTTO, 4), says(OTTO, 5), says(OTTO, 6)];
        archive.asked().await.after("2").last(rest).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 4, 5, 6]);
    });
}

#[test]
fn an_archive_that_was_silent_is_asked_again_after_a_while() {
    play(|it, archive| async move {
        let first = archive.asked().await.newest();
        first.last(vec![says(OTTO, 1)]).await;
        it.begin_anew().await;
        for seconds in [29, 59] {
            let silence = Error::new(ErrorKind::Timeout, "silence");
            archive.asked().await.after("1").fail(silence).await;
            tokio::time::sleep(Duration::from_secs(seconds - 5)).await;
            archive.expect_nothing().await;
        }
        let asked = archive.asked().await.after("1");
        asked.last(vec![says(OTTO, 2)]).await;
        assert_eq!(it.numbers(OTTO), [1, 2]);
        tokio::time::sleep(Duration::from_secs(3600)).await;
        archive.expect_nothing().await;
    });
}

#[test]
fn what_was_cut_off_goes_on_when_the_session_does() {
    clock::run(async {
        let mut plan = plan();
        plan.stream_management = true;
        let (it, archive) = begin_with(plan, None).await;
        let asked = archive.asked().await.newest();
        it.server.drop_connection();
        clock::settle().await;
        let lost = Error::new(ErrorKind::Disconnected, "there is no session");
        asked.fail(lost).await;
        it.api.session().network_changed().await;
        let again = archive.asked().await.newest();
        assert!(it.api.session().is_online());
        again.last(vec![says(OTTO, 1)]).await;
        assert_eq!(it.numbers(OTTO), [1]);
        let caught_up = it.payloads("archiveCaughtUp").await;
        assert_eq!(caught_up.len(), 1, "{caught_up:?}");
        it.server.drop_connection();
        it.api.session().network_changed().await;
        archive.expect_nothing().await;
    });
}

#[test]
fn without_an_archive_nothing_waits() {
    play(|it, archive| async move {
        it.recv(&live(OTTO, 1)).await;
        assert!(it.chat(OTTO).is_none());
        archive
            .asked()
            .await
            .fail(Error::new(ErrorKind::Unsupported, "no archive"))
            .await;
        assert_eq!(it.numbers(OTTO), [1]);
        it.recv(&live(OTTO, 2)).await;
        assert_eq!(it.numbers(OTTO), [1, 2]);
        let missed = it.payloads("archiveCaughtUp").await.pop().unwrap();
        assert_eq!(missed["missed"], "unavailable");
    });
}

#[test]
fn a_cursor_that_has_expired_leads_to_the_newest_messages() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        it.begin_anew().await;
        archive
            .asked()
            .await
            .after("1")
            .refuse(Condition::ItemNotFound)
            .await;
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 3), says(OTTO, 4)])
            .await;
        assert_eq!(it.numbers(OTTO), [1, 3, 4]);
        archive.expect_nothing().await;
        assert_eq!(it.api.chats().archive_progress().unwrap().gaps, 1);
    });
}

#[test]
fn more_than_can_be_held_goes_on_and_the_archive_puts_it_right() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        it.begin_anew().await;
        let asked = archive.asked().await.after("1");
        for number in 3..=1_010 {
            it.server.say(&live(OTTO, number)).unwrap();
        }
        clock::settle().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(
            it.messages(OTTO).len(),
            1_000,
            "it is the newest that are here"
        );
        asked.last(vec![says(OTTO, 2)]).await;
        let numbers = it.numbers(OTTO);
        assert!(numbers.is_sorted(), "{numbers:?}");
    });
}
