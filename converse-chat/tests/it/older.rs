//! What was said before what is here: from the archive, and from the store.

use std::sync::Arc;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_core::store::MemoryStore;
use converse_testkit::clock;

use crate::archive::{INES, OTTO, begin, live, play, says, wrote};

async fn older(chat: &Chat, count: usize) -> tokio::task::JoinHandle<Result<(usize, bool), Error>> {
    let chat = chat.clone();
    let older = tokio::spawn(async move {
        let older = chat.messages().load_older(count).await?;
        Ok((older.added, older.is_complete))
    });
    clock::settle().await;
    older
}

#[test]
fn a_gap_is_filled_with_what_was_said_with_that_person() {
    play(|it, archive| async move {
        let page = vec![says(OTTO, 8), says(INES, 9), says(OTTO, 10)];
        archive.asked().await.newest().some(page).await;
        let chat = it.chat(OTTO).unwrap();
        it.recorded().await;
        let asking = older(&chat, 3).await;
        let asked = archive.asked().await.before("8").with(OTTO);
        assert_eq!(asked.request.max, 3);
        asked
            .some(vec![says(OTTO, 4), wrote(OTTO, 5), says(OTTO, 6)])
            .await;
        assert_eq!(asking.await.unwrap().unwrap(), (3, false));
        assert_eq!(it.numbers(OTTO), [4, 5, 6, 8, 10]);
        let (events, unread) = (it.recorded().await, chat.unread().unwrap());
        let added = events
            .iter()
            .filter(|(name, _)| name == "messageAdded")
            .count();
        assert_eq!((added, unread), (3, 0));
        assert!(
            !events.iter().any(|(name, _)| name == "message"),
            "it is no news"
        );
        let asking = older(&chat, 50).await;
        archive
            .asked()
            .await
            .before("4")
            .with(OTTO)
            .last(vec![says(OTTO, 1)])
            .await;
        assert_eq!(asking.await.unwrap().unwrap(), (1, true));
        assert_eq!(it.numbers(OTTO), [1, 4, 5, 6, 8, 10]);
        // Now everything is known.
        assert_eq!(older(&chat, 50).await.await.unwrap().unwrap(), (0, true));
        // With somebody else it is not.
        let asking = older(&it.chat(INES).unwrap(), 50).await;
        archive
            .asked()
            .await
            .before("9")
            .with(INES)
            .last(vec![])
            .await;
        let oldest = archive.asked().await.oldest().with(INES);
        assert_eq!(oldest.request.max, 1);
        oldest.some(vec![says(INES, 9)]).await;
        assert_eq!(asking.await.unwrap().unwrap(), (0, true));
    });
}

#[test]
fn what_the_archive_says_in_between_is_put_in_between() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 1)])
            .await;
        it.begin_anew().await;
        // Far behind: the rest is a gap.
        let mut asked = archive.asked().await.after("1");
        for page in 0..20 {
            let first = 2 + page * 50;
            asked
                .some(
                    (first..first + 50)
                        .map(|number| says(INES, number))
                        .collect(),
                )
                .await;
            asked = archive.asked().await;
        }
        asked.newest().some(vec![says(OTTO, 1_200)]).await;
        assert_eq!(it.numbers(OTTO), [1, 1_200]);
        let chat = it.chat(OTTO).unwrap();
        let asking = older(&chat, 10).await;
        let between = vec![says(OTTO, 1), says(OTTO, 1_100), says(OTTO, 1_101)];
        archive
            .asked()
            .await
            .before("1200")
            .with(OTTO)
            .some(between)
            .await;
        // The page had more, from before the gap: nothing of that is known.
        clock::settle().await;
        let asked = archive.asked().await.before("1").with(OTTO);
        asked.last(vec![]).await;
        let asked = archive.asked().await.oldest().with(OTTO);
        asked.some(vec![says(OTTO, 1)]).await;
        assert_eq!(asking.await.unwrap().unwrap(), (2, true));
        assert_eq!(it.numbers(OTTO), [1, 1_100, 1_101, 1_200]);
        archive.expect_nothing().await;
    });
}

#[test]
fn a_chat_of_which_nothing_is_known_is_fetched_once_a_session() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .last(vec![says(OTTO, 9)])
            .await;
        let chat = it.api.chats().open(INES).await.unwrap();
        let asked = archive.asked().await.newest().with(INES);
        assert_eq!(asked.request.max, 50);
        asked.last(vec![says(INES, 3), wrote(INES, 4)]).await;
        assert_eq!(it.numbers(INES), [3, 4]);
        assert_eq!(it.announced().await, [9, 3, 4]);
        chat.close().await.unwrap();
        it.api.chats().open(INES).await.unwrap();
        it.api.chats().open(OTTO).await.unwrap();
        archive.expect_nothing().await;
    });
}

#[test]
fn the_newest_messages_are_asked_for_once_at_a_time() {
    play(|it, archive| async move {
        archive.asked().await.newest().last(vec![]).await;
        it.recv(&live(OTTO, 5)).await;
        let chat = it.chat(OTTO).unwrap();
        let load = || {
            let chat = chat.clone();
            tokio::spawn(async move { chat.messages().load_newest().await })
        };
        let (one, other) = (load(), load());
        clock::settle().await;
        let page = vec![says(OTTO, 4), says(OTTO, 5)];
        archive.asked().await.newest().with(OTTO).last(page).await;
        assert_eq!(one.await.unwrap().unwrap(), 1);
        assert_eq!(other.await.unwrap().unwrap(), 0);
        archive.expect_nothing().await;
        assert_eq!(it.numbers(OTTO), [4, 5]);
    });
}

#[test]
fn an_archive_that_leads_nowhere_is_an_error_and_the_gap_stays() {
    play(|it, archive| async move {
        archive
            .asked()
            .await
            .newest()
            .some(vec![says(OTTO, 8)])
            .await;
        let chat = it.chat(OTTO).unwrap();
        let asking = older(&chat, 3).await;
        archive
            .asked()
            .await
            .before("8")
            .some(vec![says(OTTO, 8)])
            .await;
        let error = asking.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        let asking = older(&chat, 3).await;
        archive
            .asked()
            .await
            .before("8")
            .fail(Error::new(ErrorKind::Timeout, "silence"))
            .await;
        assert_eq!(
            asking.await.unwrap().unwrap_err().kind(),
            ErrorKind::Timeout
        );
        let asking = older(&chat, 3).await;
        archive
            .asked()
            .await
            .before("8")
            .last(vec![says(OTTO, 7)])
            .await;
        assert_eq!(asking.await.unwrap().unwrap(), (1, true));
    });
}

#[test]
fn what_is_missing_is_known_after_a_restart() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new().as_durable());
        let (it, archive) = begin(Some(&store)).await;
        archive
            .asked()
            .await
            .newest()
            .some(vec![says(OTTO, 8)])
            .await;
        let asking = older(&it.chat(OTTO).unwrap(), 1).await;
        archive
            .asked()
            .await
            .before("8")
            .some(vec![says(OTTO, 7)])
            .await;
        asking.await.unwrap().unwrap();
        clock::settle().await;
        it.server.drop_connection();
        drop(it);
        clock::settle().await;

        let (it, archive) = begin(Some(&store)).await;
        archive.nothing_follows(says(OTTO, 8)).await;
        assert_eq!(it.numbers(OTTO), [7, 8]);
        let asking = older(&it.chat(OTTO).unwrap(), 5).await;
        archive
            .asked()
            .await
            .before("7")
            .with(OTTO)
            .last(vec![says(OTTO, 6)])
            .await;
        assert_eq!(asking.await.unwrap().unwrap(), (1, true));
        assert_eq!(it.numbers(OTTO), [6, 7, 8]);
    });
}
