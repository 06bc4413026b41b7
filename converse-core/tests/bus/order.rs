//! One inbox a subscriber: the order of publication, across types.

use std::time::Duration;

use converse_core::bus::Event;

use super::{MessageAdded, Notes, bus, message};

#[derive(Debug, serde::Serialize, Event)]
#[event(name = "statusChanged")]
struct StatusChanged(u32);

#[actix::test]
async fn grouped_closures_hear_events_of_all_types_in_order() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    let listen = bus.listen_as("plugin").together();
    let heard = notes.clone();
    listen.subscribe(move |event: std::sync::Arc<MessageAdded>| {
        let heard = heard.clone();
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            heard.add(event.body.as_str());
            Ok(())
        }
    });
    let heard = notes.clone();
    listen.subscribe_sync::<StatusChanged, _>(move |event| {
        heard.add(event.0.to_string());
        Ok(())
    });
    for n in 0..3 {
        bus.publish(message("message"));
        bus.publish(StatusChanged(n));
    }
    bus.settle().await;
    assert_eq!(
        notes.take(),
        ["message", "0", "message", "1", "message", "2"]
    );
}

#[actix::test]
async fn separate_closures_do_not_wait_for_each_other() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    bus.subscribe::<MessageAdded, _, _>("plugin", |_| std::future::pending());
    let heard = notes.clone();
    bus.subscribe_sync::<StatusChanged, _>("plugin", move |event| {
        heard.add(event.0.to_string());
        Ok(())
    });
    bus.publish_wait(message("stuck")).await.unwrap();
    bus.publish_wait(StatusChanged(1)).await.unwrap();
    assert_eq!(notes.take(), ["1"]);
}

#[actix::test]
async fn busy_handler_gets_later_events_in_order_once_it_is_free() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    bus.subscribe::<StatusChanged, _, _>("plugin", move |event| {
        let heard = heard.clone();
        async move {
            // The first ones take longest.
            let left = 500_u64.saturating_sub(u64::from(event.0));
            tokio::time::sleep(Duration::from_millis(left)).await;
            heard.add(event.0.to_string());
            Ok(())
        }
    });
    for n in 0..500 {
        bus.publish(StatusChanged(n));
    }
    bus.settle().await;
    let expected: Vec<_> = (0..500).map(|n| n.to_string()).collect();
    assert_eq!(notes.take(), expected);
}

#[actix::test]
async fn handler_removed_while_its_events_wait_hears_none_of_them() {
    let (bus, notes) = (bus(), Notes::default());
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let (opened, heard) = (gate.clone(), notes.clone());
    let id = bus.on("foo", move |_| {
        let (opened, heard) = (opened.clone(), heard.clone());
        async move {
            opened.notified().await;
            heard.add("called");
            Ok(())
        }
    });
    for _ in 0..3 {
        bus.emit("foo", ()).await.unwrap();
    }
    bus.not("foo", id);
    gate.notify_one();
    bus.settle().await;
    assert_eq!(notes.take(), ["called"]);
}

#[actix::test]
async fn dispatched_batch_is_delivered_in_one_piece() {
    let (bus, notes) = (bus(), Notes::default());
    let (one, two) = (bus.inbox("one"), bus.inbox("two"));
    notes.on(&bus, "statusChanged", "published");
    let heard = notes.clone();
    bus.dispatch(move |dispatcher| {
        for n in 0..2 {
            let (to_one, to_two) = (heard.clone(), heard.clone());
            dispatcher.deliver(&one, "stanza", move || async move {
                to_one.add(format!("one {n}"));
                Ok(())
            });
            dispatcher.deliver_sync(&two, "stanza", move || {
                to_two.add(format!("two {n}"));
                Ok(())
            });
        }
        dispatcher.publish(StatusChanged(0));
    });
    notes.on(&bus, "statusChanged", "too late");
    bus.settle().await;
    assert_eq!(
        notes.take(),
        ["one 0", "two 0", "one 1", "two 1", "published"]
    );
}
