//! An archive that does not answer.

use super::*;

#[test]
fn what_comes_live_does_not_wait_long_for_an_archive_that_does_not_answer() {
    play(|it, archive| async move {
        archive.asked().await.newest().last(vec![]).await;
        it.recv(&live(OTTO, 1)).await;
        it.begin_anew().await;
        let asked = archive.asked().await.after("1");
        it.recorded().await;
        it.recv(&live(OTTO, 3)).await;
        tokio::time::sleep(Duration::from_millis(1_900)).await;
        assert_eq!(it.numbers(OTTO), [1], "it waits");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(it.numbers(OTTO), [1, 3]);
        it.recv(&live(OTTO, 4)).await;
        assert_eq!(it.numbers(OTTO), [1, 3, 4]);
        // Late, but it answers: the order is that of the archive, and nothing comes twice.
        asked.some(vec![says(OTTO, 2), says(OTTO, 3)]).await;
        let rest = vec![says(OTTO, 4), wrote(INES, 5)];
        archive.asked().await.after("3").last(rest).await;
        assert_eq!(it.numbers(OTTO), [1, 2, 3, 4]);
        assert_eq!(it.announced().await, [3, 4, 2, 5]);
        it.recv(&live(OTTO, 6)).await;
        it.begin_anew().await;
        archive.asked().await.after("6").last(vec![]).await;
    });
}
