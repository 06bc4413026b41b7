//! One writes, several follow, each on a thread of its own, and others come and go.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;

use converse_core::view::{Diff, Publisher, View};

const CHANGES: u32 = 20_000;

/// Follows to the end and returns what it has come to.
fn follow(mut view: View<(u32, u32)>) -> Vec<(u32, u32)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async move {
        let mut shown = view.snapshot().to_vec();
        while let Some(diff) = view.next().await {
            diff.apply(&mut shown).expect("a diff must fit");
            assert!(shown.is_sorted_by_key(|entry| entry.0));
        }
        shown
    })
}

/// Follows for some changes, again and again, until `stop`.
fn come_and_go(begin: impl Fn() -> View<(u32, u32)>, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        let mut view = begin();
        let mut shown = view.snapshot().to_vec();
        for diff in std::iter::from_fn(|| view.try_next()).take(50) {
            diff.apply(&mut shown).expect("a diff must fit");
        }
        assert_eq!(view.snapshot(), shown);
    }
}

/// Keys and values that look arbitrary and are the same each time.
fn changes() -> impl Iterator<Item = (u32, u32)> {
    (0..CHANGES).map(|step| (step.wrapping_mul(2_654_435_761) >> 22, step))
}

#[test]
fn followers_of_an_owner_with_a_lock() {
    let publisher = Arc::new(Publisher::new());
    let list: Mutex<Vec<(u32, u32)>> = Mutex::default();
    let stop = &AtomicBool::new(false);
    let begin = |publisher: &Publisher<_>| {
        let list = list.lock().unwrap();
        publisher.follow(|| list.clone())
    };
    thread::scope(|scope| {
        let passers: Vec<_> = (0..2)
            .map(|_| Arc::clone(&publisher))
            .map(|publisher| scope.spawn(move || come_and_go(|| begin(&publisher), stop)))
            .collect();
        let followers: Vec<_> = (0..3)
            .map(|_| begin(&publisher))
            .map(|view| scope.spawn(|| follow(view)))
            .collect();
        for (key, value) in changes() {
            let mut list = list.lock().unwrap();
            let diff = match list.binary_search_by_key(&key, |entry| entry.0) {
                Ok(index) if value % 3 == 0 => Diff::Remove { index },
                Ok(index) => Diff::Update {
                    index,
                    item: (key, value),
                },
                Err(index) => Diff::Insert {
                    index,
                    item: (key, value),
                },
            };
            diff.clone().apply(&mut list).unwrap();
            publisher.send(diff);
        }
        stop.store(true, Ordering::SeqCst);
        passers
            .into_iter()
            .for_each(|passer| passer.join().unwrap());
        // The followers end.
        drop(publisher);
        for follower in followers {
            assert_eq!(follower.join().unwrap(), *list.lock().unwrap());
        }
    });
}

#[test]
fn followers_of_an_owner_without_a_lock() {
    let publisher = Arc::new(Publisher::new());
    // Read by anybody at any time; only the publisher's lock makes a change and its diff one step.
    let map: RwLock<BTreeMap<u32, u32>> = RwLock::default();
    let stop = &AtomicBool::new(false);
    let entries = || -> Vec<(u32, u32)> {
        let map = map.read().unwrap();
        map.iter().map(|(key, value)| (*key, *value)).collect()
    };
    thread::scope(|scope| {
        let passing = Arc::clone(&publisher);
        let passer = scope.spawn(move || come_and_go(|| passing.follow(entries), stop));
        let followers: Vec<_> = (0..3)
            .map(|_| publisher.follow(entries))
            .map(|view| scope.spawn(|| follow(view)))
            .collect();
        for (key, value) in changes() {
            publisher.edit(|list| {
                if value % 5 == 0 {
                    map.write().unwrap().remove(&key);
                    list.remove_sorted(|entry| entry.0.cmp(&key));
                } else {
                    map.write().unwrap().insert(key, value);
                    list.put_sorted((key, value), |one, other| one.0.cmp(&other.0));
                }
            });
        }
        stop.store(true, Ordering::SeqCst);
        passer.join().unwrap();
        // The followers end.
        drop(publisher);
        for follower in followers {
            assert_eq!(follower.join().unwrap(), entries());
        }
    });
}
