//! `promises().add`.

use std::time::Duration;

use converse_core::promise::PromiseError;

use super::bus;

#[actix::test]
async fn api_059_added_promise_resolves() {
    let bus = bus();
    bus.promises().add("foo");
    let waiting = bus.wait_until("foo");
    bus.emit("foo", ()).await.unwrap();
    waiting.await.unwrap();
}

#[actix::test]
async fn api_060_only_the_emitted_one_of_a_list_resolves() {
    let bus = bus();
    bus.promises().add(["a", "b"]);
    bus.emit("a", ()).await.unwrap();
    assert!(bus.promises().is_resolved("a"));
    assert!(!bus.promises().is_resolved("b"));
}

#[actix::test]
async fn api_061_empty_lists_and_duplicates_are_no_error() {
    let bus = bus();
    bus.promises().add(Vec::<String>::new());
    bus.promises().add(["a", "a"]);
    let waiting = bus.wait_until("a");
    bus.emit("a", ()).await.unwrap();
    waiting.await.unwrap();
}

#[actix::test]
async fn api_062_adding_again_loses_no_waiter() {
    let bus = bus();
    bus.promises().add("foo");
    let waiting = bus.wait_until("foo");
    bus.promises().add("foo");
    bus.promises().add_per_session("foo");
    bus.emit("foo", ()).await.unwrap();
    waiting.await.unwrap();
}

#[actix::test]
async fn api_063_promises_do_not_look_back() {
    let bus = bus();
    bus.emit("before", ()).await.unwrap();
    let under_way = bus.emit("under way", ());
    bus.promises().add(["before", "under way"]);
    under_way.await.unwrap();
    for name in ["before", "under way"] {
        assert!(!bus.promises().is_resolved(name), "{name}");
        bus.emit(name, ()).await.unwrap();
        bus.wait_until(name).await.unwrap();
    }
}

#[actix::test]
async fn api_064_adding_again_does_not_reset() {
    let bus = bus();
    bus.promises().add_per_session("roster");
    bus.emit("roster", ()).await.unwrap();
    bus.promises().add("roster");
    bus.wait_until("roster").await.unwrap();
}

#[actix::test]
async fn api_065_waiting_can_time_out() {
    tokio::time::pause();
    let bus = bus();
    bus.promises().add("never");
    let limit = Duration::from_secs(5);
    let timed_out = PromiseError::Timeout {
        name: "never".into(),
        after: limit,
    };
    assert_eq!(
        bus.promises().wait_until_within("never", limit).await,
        Err(timed_out)
    );
    let error: converse_core::Error = PromiseError::Cancelled { name: "x".into() }.into();
    assert_eq!(error.kind(), converse_core::ErrorKind::Disconnected);
}
