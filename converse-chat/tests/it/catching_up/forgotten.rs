//! Archives that do not say that they have forgotten a message: nothing follows it, and nothing precedes it.

use converse_chat::prelude::*;

use crate::archive::{INES, OTTO, live, play, said, says};

#[test]
fn that_nothing_is_new_is_not_believed_if_the_newest_message_is_unknown() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        it.begin_anew().await;
        archive.asked().await.after("1").last(vec![]).await;
        it.recv(&live(OTTO, 9)).await;
        archive.asked().await.ends_with(says(INES, 8)).await;
        assert_eq!(it.numbers(OTTO), [1], "what comes live waits");
        let page = vec![says(OTTO, 7), says(INES, 8), says(OTTO, 9)];
        let asked = archive.asked().await.newest();
        assert_eq!(asked.request.max, 50);
        asked.last(page).await;
        assert_eq!(it.numbers(OTTO), [1, 7, 9]);
        assert_eq!(it.numbers(INES), [8]);
        let missed = it.payloads("archiveCaughtUp").await.pop().unwrap();
        assert_eq!(missed["missed"], "gap");
        let progress = it.api.chats().archive_progress().unwrap();
        assert_eq!((progress.gaps, progress.up_to.unwrap().id), (1, "9".into()));
        archive.expect_nothing().await;
    });
}

#[test]
fn what_was_sent_is_found_in_an_archive_that_has_forgotten_what_came_before() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        let chat = it.chat(OTTO).unwrap();
        let id = chat.send_message("text 3").await.unwrap();
        it.begin_anew().await;
        it.forget().await;
        let own = said(3, &id);
        archive.asked().await.after("1").last(vec![]).await;
        archive.asked().await.ends_with(own.clone()).await;
        let page = vec![says(OTTO, 2), own];
        archive.asked().await.newest().last(page).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3]);
        it.expect_nothing("<message/>").await;
    });
}

#[test]
fn when_everything_in_the_archive_has_expired_nothing_is_missing() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        it.begin_anew().await;
        archive.asked().await.after("1").last(vec![]).await;
        archive.asked().await.newest().last(vec![]).await;
        let missed = it.payloads("archiveCaughtUp").await.pop().unwrap();
        assert_eq!(missed["missed"], "whole");
        assert_eq!(it.api.chats().archive_progress().unwrap().gaps, 0);
    });
}

#[test]
fn that_nothing_is_older_is_not_believed_if_the_oldest_message_is_unknown() {
    play(|it, archive| async move {
        let page = vec![says(OTTO, 8), says(OTTO, 9)];
        archive.asked().await.newest().some(page).await;
        let chat = it.chat(OTTO).unwrap();
        let asking = tokio::spawn(async move { chat.messages().load_older(10).await });
        archive
            .asked()
            .await
            .before("8")
            .with(OTTO)
            .last(vec![])
            .await;
        let asked = archive.asked().await.oldest().with(OTTO);
        assert_eq!(asked.request.max, 1);
        asked.some(vec![says(OTTO, 2)]).await;
        // What comes before what is here belongs into the gap.
        let asked = archive.asked().await.newest().with(OTTO);
        asked.last(vec![says(OTTO, 2), says(OTTO, 9)]).await;
        let older = asking.await.unwrap().unwrap();
        assert_eq!((older.added, older.is_complete), (1, true));
        assert_eq!(it.numbers(OTTO), [2, 8, 9]);
    });
}
