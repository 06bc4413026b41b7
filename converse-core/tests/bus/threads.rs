//! Handles used from other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use converse_core::bus::{Bus, Listen, Request, Spawned, Subscription};

use super::{MessageAdded, Notes, bus, message};

#[test]
fn handles_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<Bus>();
    check::<Listen>();
    check::<Subscription>();
    check::<Spawned<std::cell::Cell<u8>>>();
    check::<converse_core::promise::Promises>();
    check::<converse_core::bus::Pressure>();
    check::<converse_core::bus::InboxHandle>();
}

/// Runs `work` on two other threads at once, while this arbiter goes on.
async fn on_two_threads(work: impl Fn(usize) + Send + Clone + 'static) {
    let barrier = Arc::new(std::sync::Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|n| {
            let (barrier, work) = (barrier.clone(), work.clone());
            thread::spawn(move || {
                barrier.wait();
                work(n);
            })
        })
        .collect();
    tokio::task::spawn_blocking(move || threads.into_iter().for_each(|t| t.join().unwrap()))
        .await
        .unwrap();
}

#[actix::test]
async fn api_043_once_is_called_once_by_concurrent_emits() {
    let bus = bus();
    for _ in 0..100 {
        let calls = Arc::new(AtomicUsize::new(0));
        let called = calls.clone();
        bus.once("foo", move |_| async move {
            called.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        let emitter = bus.clone();
        on_two_threads(move |_| drop(emitter.emit("foo", ()))).await;
        bus.settle().await;
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}

#[actix::test]
async fn each_thread_is_heard_in_its_own_order() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    bus.subscribe_sync::<MessageAdded, _>("test", move |event| {
        heard.add(event.body.as_str());
        Ok(())
    });
    let publisher = bus.clone();
    on_two_threads(move |thread| {
        for n in 0..1_000 {
            publisher.publish(message(&format!("{thread} {n}")));
        }
    })
    .await;
    bus.settle().await;
    let heard = notes.take();
    assert_eq!(heard.len(), 2_000);
    for thread in 0..2 {
        let of_thread: Vec<_> = heard
            .iter()
            .filter(|note| note.starts_with(&format!("{thread} ")))
            .collect();
        let expected: Vec<_> = (0..1_000).map(|n| format!("{thread} {n}")).collect();
        assert_eq!(of_thread, expected.iter().collect::<Vec<_>>());
    }
}

struct Whoami;

impl Request for Whoami {
    type Response = thread::ThreadId;
}

#[actix::test]
async fn handlers_run_on_the_arbiter_of_the_bus_whoever_calls() {
    let bus = bus();
    let here = thread::current().id();
    let registrar = bus.clone();
    let answers = tokio::task::spawn_blocking(move || {
        registrar
            .answer("other thread", |Whoami| async { thread::current().id() })
            .unwrap();
        registrar.promises().add("foo");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            registrar.emit("foo", ()).await.unwrap();
            registrar.wait_until("foo").await.unwrap();
            registrar.call(Whoami).await
        })
    });
    assert_eq!(answers.await.unwrap(), Ok(here));
}

#[actix::test]
async fn subscribing_and_unsubscribing_while_others_publish_loses_nothing() {
    let (bus, calls) = (bus(), Arc::new(AtomicUsize::new(0)));
    let counted = calls.clone();
    bus.subscribe_sync::<MessageAdded, _>("always", move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let handle = bus.clone();
    on_two_threads(move |thread| {
        for _ in 0..500 {
            if thread == 0 {
                handle.publish(message("hi"));
            } else {
                let id = handle.subscribe_sync::<MessageAdded, _>("now and then", |_| Ok(()));
                handle.unsubscribe(id);
            }
        }
    })
    .await;
    bus.settle().await;
    assert_eq!(calls.load(Ordering::Relaxed), 500);
}

#[test]
fn two_buses_in_one_process_share_nothing() {
    actix::System::new().block_on(async {
        let (romeo, juliet, notes) = (bus(), bus(), Notes::default());
        notes.on(&romeo, "foo", "romeo");
        notes.on(&juliet, "foo", "juliet");
        romeo.promises().add("foo");
        juliet.emit("foo", ()).await.unwrap();
        assert_eq!(notes.take(), ["juliet"]);
        assert!(!romeo.promises().is_resolved("foo"));
        assert!(!juliet.promises().is_known("foo"));
    });
}
