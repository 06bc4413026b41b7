//! Requests.

use std::time::Duration;

use converse_core::bus::{Bus, CallError, Request};

use super::{MessageAdded, Notes, bus, message};

#[derive(Debug)]
struct Double(u32);

impl Request for Double {
    type Response = u32;
}

struct Forward(u32);

impl Request for Forward {
    type Response = Result<u32, CallError>;
}

fn answer_double(bus: &Bus) -> converse_core::bus::SubscriptionId {
    bus.answer("doubler", |Double(n)| async move { n * 2 })
        .unwrap()
}

#[actix::test]
async fn request_is_answered() {
    let bus = bus();
    answer_double(&bus);
    assert_eq!(bus.call(Double(21)).await, Ok(42));
}

#[actix::test]
async fn nobody_to_answer_is_an_error() {
    let bus = bus();
    let error = bus.call(Double(1)).await.unwrap_err();
    assert_eq!(error, CallError::NoAnswerer { request: "Double" });
    assert_eq!(
        converse_core::Error::from(error).kind(),
        converse_core::ErrorKind::Unsupported
    );
}

#[actix::test]
async fn second_answerer_is_refused_until_the_first_is_gone() {
    let bus = bus();
    let first = answer_double(&bus);
    let taken = bus
        .answer("other", |Double(n)| async move { n })
        .unwrap_err();
    assert_eq!(
        taken.to_string(),
        "`Double` is already answered by `doubler`; `other` cannot answer it too"
    );
    bus.unsubscribe(first);
    assert!(matches!(
        bus.call(Double(1)).await,
        Err(CallError::NoAnswerer { .. })
    ));
    bus.answer("other", |Double(n)| async move { n }).unwrap();
    assert_eq!(bus.call(Double(1)).await, Ok(1));
}

#[actix::test]
async fn slow_answerer_does_not_block_the_bus() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    bus.answer("slow", |Double(n)| async move {
        tokio::time::sleep(Duration::from_secs(10)).await;
        n * 2
    })
    .unwrap();
    notes.on(&bus, "foo", "heard");
    let (caller, answered) = (bus.clone(), notes.clone());
    let call = actix::spawn(async move {
        answered.add(format!("{:?}", caller.call(Double(1)).await));
    });
    tokio::task::yield_now().await;
    bus.emit("foo", ()).await.unwrap();
    call.await.unwrap();
    assert_eq!(notes.take(), ["heard", "Ok(2)"]);
}

#[actix::test]
async fn deadline_passes_and_a_waiting_request_is_not_answered_late() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    let answered = notes.clone();
    bus.answer("slow", move |Double(n)| {
        let answered = answered.clone();
        async move {
            answered.add(n.to_string());
            tokio::time::sleep(Duration::from_secs(60)).await;
            n
        }
    })
    .unwrap();
    let limit = Duration::from_secs(30);
    let (one, two) = tokio::join!(bus.call(Double(1)), bus.call_within(Double(2), limit));
    let timeout = Err(CallError::Timeout {
        request: "Double",
        after: limit,
    });
    assert_eq!((one, two), (timeout.clone(), timeout));
    bus.settle().await;
    assert_eq!(notes.take(), ["1"]);
}

#[actix::test]
async fn panicking_answerer_fails_the_call_and_answers_the_next() {
    let bus = bus();
    bus.answer("doubler", |Double(n)| async move {
        assert!(n != 13, "deliberate");
        n * 2
    })
    .unwrap();
    let failed = Err(CallError::Failed { request: "Double" });
    assert_eq!(bus.call(Double(13)).await, failed);
    assert_eq!(bus.call(Double(1)).await, Ok(2));
}

#[actix::test]
async fn answerer_may_call_another() {
    let bus = bus();
    answer_double(&bus);
    let inner = bus.clone();
    bus.answer("forwarder", move |Forward(n)| {
        let inner = inner.clone();
        async move { inner.call(Double(n)).await }
    })
    .unwrap();
    assert_eq!(bus.call(Forward(2)).await, Ok(Ok(4)));
}

#[actix::test]
async fn asking_oneself_is_an_error_and_no_deadlock() {
    let bus = bus();
    let inner = bus.clone();
    bus.answer("itself", move |Forward(n)| {
        let inner = inner.clone();
        async move { inner.call(Forward(n)).await? }
    })
    .unwrap();
    let own = CallError::Own { request: "Forward" };
    assert_eq!(bus.call(Forward(1)).await, Ok(Err(own)));
}

#[actix::test]
async fn call_takes_its_turn_after_what_was_published() {
    let (bus, notes) = (bus(), Notes::default());
    let (heard, seen) = (notes.clone(), notes.clone());
    bus.subscribe_sync::<MessageAdded, _>("test", move |event| {
        heard.add(event.body.as_str());
        Ok(())
    });
    bus.answer("counter", move |Double(_)| {
        let seen = u32::try_from(seen.len()).unwrap();
        async move { seen }
    })
    .unwrap();
    bus.publish(message("one"));
    bus.publish(message("two"));
    assert_eq!(bus.call(Double(0)).await, Ok(2));
}

#[actix::test]
async fn stopped_bus_closes_calls() {
    let bus = bus();
    bus.answer("never", |Double(_)| std::future::pending::<u32>())
        .unwrap();
    let caller = bus.clone();
    let pending = actix::spawn(async move { caller.call(Double(1)).await });
    tokio::task::yield_now().await;
    bus.stop();
    assert!(matches!(
        pending.await.unwrap(),
        Err(CallError::Closed | CallError::Failed { .. })
    ));
    assert_eq!(bus.call(Double(1)).await, Err(CallError::Closed));
}
