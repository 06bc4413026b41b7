//! Followers that do not read: nothing grows, and they find their way back.

use std::sync::Arc;

use converse_core::view::{Diff, Publisher};

use crate::MAX_WAITING;

#[test]
fn who_reads_in_time_gets_each_change() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| vec![0]);
    for item in 1..=MAX_WAITING {
        publisher.send(Diff::Update { index: 0, item });
    }
    for item in 1..=MAX_WAITING {
        assert_eq!(view.try_next(), Some(Diff::Update { index: 0, item }));
    }
    assert_eq!(view.try_next(), None);
}

#[test]
fn who_is_too_far_behind_gets_the_list_as_it_is() {
    let publisher = Publisher::new();
    let mut slow = publisher.follow(|| vec![0]);
    let mut quick = publisher.follow(|| unreachable!("there is a list already"));
    for item in 1..=MAX_WAITING + 1 {
        publisher.send(Diff::Update { index: 0, item });
        assert_eq!(quick.try_next(), Some(Diff::Update { index: 0, item }));
    }
    publisher.send(Diff::Insert { index: 1, item: 7 });
    assert_eq!(slow.snapshot(), [0], "nothing was taken from it yet");
    let reset = Diff::Reset(vec![MAX_WAITING + 1, 7]);
    assert_eq!(slow.try_next(), Some(reset));
    assert_eq!(slow.try_next(), None);
    publisher.send(Diff::Remove { index: 0 });
    assert_eq!(slow.try_next(), Some(Diff::Remove { index: 0 }));
    assert_eq!(slow.snapshot(), [7]);
    assert_eq!(
        quick.try_next(),
        Some(Diff::Insert { index: 1, item: 7 }),
        "one follower's slowness is nothing to another"
    );
}

#[test]
fn what_waits_for_a_slow_follower_is_bounded() {
    let publisher = Publisher::new();
    let view = publisher.follow(Vec::new);
    let entries: Vec<Arc<()>> = (0..10 * MAX_WAITING)
        .map(|_| {
            let entry = Arc::new(());
            publisher.send(Diff::Insert {
                index: 0,
                item: Arc::clone(&entry),
            });
            publisher.send(Diff::Remove { index: 0 });
            entry
        })
        .collect();
    let kept = entries.iter().filter(|entry| Arc::strong_count(entry) > 1);
    assert!(kept.count() <= MAX_WAITING);
    drop(view);
    assert!(entries.iter().all(|entry| Arc::strong_count(entry) == 1));
}

#[test]
fn a_new_list_makes_what_waits_void() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| vec![1]);
    publisher.send(Diff::Insert { index: 1, item: 2 });
    publisher.send(Diff::Reset(vec![3, 4]));
    publisher.send(Diff::Remove { index: 0 });
    assert_eq!(view.try_next(), Some(Diff::Reset(vec![4])));
    assert_eq!(view.try_next(), None);
}
