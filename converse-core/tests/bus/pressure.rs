//! Bounds: a full inbox closes the gate, nothing is lost, nothing deadlocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use converse_core::bus::{Bus, PluginStalled};

use super::{MessageAdded, Notes, bus_with_capacity, message};

/// A handler that needs a permit for each event.
fn slow(bus: &Bus, notes: &Notes) -> Arc<Semaphore> {
    let permits = Arc::new(Semaphore::new(0));
    let (needed, heard) = (permits.clone(), notes.clone());
    bus.subscribe::<MessageAdded, _, _>("slow", move |event| {
        let (needed, heard) = (needed.clone(), heard.clone());
        async move {
            needed.acquire().await?.forget();
            heard.add(event.body.as_str());
            Ok(())
        }
    });
    permits
}

#[actix::test]
async fn gate_closes_when_full_and_opens_below_half() {
    let (bus, notes) = (bus_with_capacity(4), Notes::default());
    let permits = slow(&bus, &notes);
    // One is being handled, three wait.
    for n in 0..4 {
        bus.publish_wait(message(&n.to_string())).await.unwrap();
    }
    assert!(bus.pressure().is_open());
    assert!(bus.pressure().culprit().is_none());
    bus.publish_wait(message("4")).await.unwrap();
    assert!(!bus.pressure().is_open());
    let (culprit, _) = bus.pressure().culprit().unwrap();
    assert_eq!(&*culprit, "slow");

    // Two leave, two wait: not yet below half.
    permits.add_permits(2);
    while notes.len() < 2 {
        tokio::task::yield_now().await;
    }
    assert!(!bus.pressure().is_open());
    permits.add_permits(1);
    bus.pressure().wait_open().await;
    assert!(bus.pressure().culprit().is_none());
    permits.add_permits(2);
    bus.settle().await;
    assert_eq!(notes.take(), ["0", "1", "2", "3", "4"]);
}

#[actix::test]
async fn emission_waits_for_room_and_takes_place_even_if_dropped() {
    let (bus, notes) = (bus_with_capacity(1), Notes::default());
    let permits = slow(&bus, &notes);
    bus.publish(message("0"));
    bus.publish_wait(message("1")).await.unwrap();
    assert!(!bus.pressure().is_open());

    let waits = bus.publish_wait(message("2"));
    let dropped = bus.publish_wait(message("3"));
    let waits = actix::spawn(waits);
    tokio::task::yield_now().await;
    assert!(!waits.is_finished());
    drop(dropped);
    permits.add_permits(4);
    waits.await.unwrap().unwrap();
    bus.settle().await;
    assert_eq!(notes.take(), ["0", "1", "3", "2"]);
}

#[actix::test]
async fn handler_never_waits_for_room() {
    let (bus, notes) = (bus_with_capacity(1), Notes::default());
    let (inner, heard) = (bus.clone(), notes.clone());
    bus.on("foo", move |event| {
        let (inner, heard) = (inner.clone(), heard.clone());
        async move {
            let n = event.arg(0).as_u64().unwrap_or_default();
            heard.add(n.to_string());
            if n == 0 {
                for n in 1..=10 {
                    inner.emit("foo", (n,)).await?;
                }
            }
            Ok(())
        }
    });
    bus.emit("foo", (0,)).await.unwrap();
    bus.settle().await;
    let expected: Vec<_> = (0..=10).map(|n| n.to_string()).collect();
    assert_eq!(notes.take(), expected);
    assert!(bus.pressure().is_open());
}

#[actix::test]
async fn reader_that_heeds_the_gate_keeps_memory_bounded() {
    const BATCH: usize = 50;
    const CAPACITY: usize = 100;
    let bus = bus_with_capacity(CAPACITY);
    let inbox = bus.inbox("slow");
    let (handled, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..400 {
        bus.pressure().wait_open().await;
        let (inbox, handled, most) = (inbox.clone(), handled.clone(), most.clone());
        let batch = move |dispatcher: &mut converse_core::bus::Dispatcher| {
            for _ in 0..BATCH {
                let handled = handled.clone();
                dispatcher.deliver(&inbox, "stanza", move || async move {
                    tokio::task::yield_now().await;
                    handled.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                });
            }
            most.fetch_max(dispatcher.waiting(&inbox), Ordering::Relaxed);
        };
        bus.dispatch(batch).await.unwrap();
    }
    bus.settle().await;
    assert_eq!(handled.load(Ordering::Relaxed), 400 * BATCH);
    let most = most.load(Ordering::Relaxed);
    assert!((CAPACITY..CAPACITY + BATCH).contains(&most), "{most}");
}

#[actix::test]
async fn stopping_a_stalled_subscriber_opens_the_gate() {
    tokio::time::pause();
    let (bus, notes) = (bus_with_capacity(1), Notes::default());
    slow(&bus, &notes);
    bus.publish(message("0"));
    bus.publish_wait(message("1")).await.unwrap();
    tokio::time::advance(Duration::from_secs(7)).await;
    let (owner, since) = bus.pressure().culprit().unwrap();
    let stalled = PluginStalled::new(owner, since.elapsed());
    assert_eq!((&*stalled.owner, stalled.waited_ms), ("slow", 7000));
    bus.withdraw("slow").await.unwrap();
    assert!(bus.pressure().is_open());
}

#[actix::test]
async fn waiting_for_the_gate_to_close_ends_when_it_does() {
    let (bus, notes) = (bus_with_capacity(1), Notes::default());
    slow(&bus, &notes);
    let watch = bus.clone();
    let closed = actix::spawn(async move { watch.pressure().wait_closed().await });
    tokio::task::yield_now().await;
    bus.publish(message("0"));
    assert!(!closed.is_finished());
    bus.publish(message("1"));
    closed.await.unwrap();
}
