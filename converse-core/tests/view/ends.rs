//! Waiting, and how following ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use converse_core::view::{Diff, Publisher, View};
use futures_util::StreamExt as _;

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll(view: &mut View<u8>, waker: &Waker) -> Poll<Option<Diff<u8>>> {
    pin!(view.next()).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_change_wakes_who_waits_once() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(Vec::new);
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    assert_eq!(poll(&mut view, &waker), Poll::Pending);
    publisher.edit(|list| assert!(list.items().is_empty()));
    assert_eq!(count.0.load(Ordering::SeqCst), 0, "nothing has changed");
    publisher.edit(|list| {
        list.push(1);
        list.push(2);
    });
    publisher.send(Diff::Remove { index: 0 });
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert!(poll(&mut view, &waker).is_ready());
}

#[test]
fn the_end_of_the_owner_wakes_and_ends() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| vec![5]);
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    assert_eq!(poll(&mut view, &waker), Poll::Pending);
    drop(publisher);
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert_eq!(poll(&mut view, &waker), Poll::Ready(None));
    assert_eq!(view.snapshot(), [5], "what was known stays readable");
}

#[test]
fn what_waits_is_given_before_the_end() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| vec![1]);
    let mut anew = publisher.follow(|| vec![1]);
    publisher.send(Diff::Remove { index: 0 });
    for item in 0..2_000 {
        publisher.send(Diff::Insert { index: 0, item });
        while view.try_next().is_some() {}
    }
    drop(publisher);
    assert!(matches!(anew.try_next(), Some(Diff::Reset(items)) if items.len() == 2_000));
    assert_eq!((anew.try_next(), view.try_next()), (None, None));
}

#[test]
fn the_last_follower_takes_the_list_with_it() {
    let publisher = Publisher::new();
    let first = publisher.follow(|| vec![1]);
    let second = publisher.follow(|| vec![2]);
    assert_eq!(second.snapshot(), [1], "there is only one list");
    drop(first);
    assert!(publisher.is_followed());
    drop(second);
    assert!(!publisher.is_followed());
    assert_eq!(publisher.follow(|| vec![3]).snapshot(), [3]);
}

#[test]
fn a_panic_amid_a_change_makes_followers_begin_anew() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| vec![1]);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        publisher.edit(|list| {
            list.push(2);
            panic!("the owner has a fault");
        });
    }));
    assert!(panicked.is_err());
    assert_eq!(view.try_next(), Some(Diff::Reset(vec![1, 2])));
    publisher.send(Diff::Remove { index: 0 });
    assert_eq!(view.try_next(), Some(Diff::Remove { index: 0 }));
}

#[actix::test]
async fn a_view_is_a_stream() {
    let publisher = Publisher::new();
    let view = publisher.follow(|| vec!['a']);
    publisher.send(Diff::Insert {
        index: 1,
        item: 'b',
    });
    drop(publisher);
    let diffs: Vec<Diff<char>> = view.collect().await;
    assert_eq!(
        diffs,
        [Diff::Insert {
            index: 1,
            item: 'b'
        }]
    );
}
