//! `wait_until`.

use std::time::Duration;

use converse_core::promise::PromiseError;

use super::{Notes, RosterContactsFetched, bus};

fn cancelled(name: &str) -> Result<(), PromiseError> {
    Err(PromiseError::Cancelled {
        name: name.to_owned(),
    })
}

#[actix::test]
async fn api_051_resolved_promise_can_be_waited_for_long_after() {
    tokio::time::pause();
    let bus = bus();
    bus.promises().add("foo");
    bus.emit("foo", ()).await.unwrap();
    tokio::time::advance(Duration::from_secs(86_400)).await;
    bus.wait_until("foo").await.unwrap();
    bus.wait_until("foo").await.unwrap();
}

#[actix::test]
async fn api_052_all_waiters_run_once_in_their_order() {
    let (bus, notes) = (bus(), Notes::default());
    bus.promises().add("foo");
    let mut waiters = Vec::new();
    for note in ["1", "2", "3"] {
        let (waiting, waited) = (bus.wait_until("foo"), notes.clone());
        waiters.push(actix::spawn(async move {
            waiting.await.map(|()| waited.add(note))
        }));
    }
    tokio::task::yield_now().await;
    bus.emit("foo", ()).await.unwrap();
    bus.emit("foo", ()).await.unwrap();
    for waiter in waiters {
        waiter.await.unwrap().unwrap();
    }
    assert_eq!(notes.take(), ["1", "2", "3"]);
}

#[actix::test]
async fn api_053_unknown_name_is_an_error_at_once() {
    let bus = bus();
    bus.promises().add("rosterContactsFetched");
    let error = bus.wait_until("rosterContactFetched").await.unwrap_err();
    let expected = PromiseError::Unknown {
        name: "rosterContactFetched".into(),
        nearest: Some("rosterContactsFetched".into()),
    };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        "promise `rosterContactFetched` is unknown (did you mean `rosterContactsFetched`?); \
         declare it with `promises().add`"
    );
    let error = bus.wait_until("nope").await.unwrap_err();
    assert!(matches!(error, PromiseError::Unknown { nearest: None, .. }));
}

#[actix::test]
async fn api_054_declared_names_are_known_before_anything_happens() {
    let bus = bus();
    let names = [
        "cachedRoster",
        "chatBoxesFetched",
        "pluginsInitialized",
        "roster",
    ];
    bus.promises().add_per_session(names);
    for name in names {
        assert!(bus.promises().is_known(name));
        assert!(!bus.promises().is_resolved(name));
    }
    assert!(!bus.promises().is_known("roomsPanelRendered"));
}

#[actix::test]
async fn api_055_dropped_waiter_has_no_effect_on_others() {
    tokio::time::pause();
    let bus = bus();
    bus.promises().add("foo");
    let dropped = bus.wait_until("foo");
    let (bus2, short) = (bus.clone(), Duration::from_secs(1));
    let timed_out =
        actix::spawn(async move { bus2.promises().wait_until_within("foo", short).await });
    let stays = bus.wait_until("foo");
    let aborted = actix::spawn(bus.wait_until("foo"));
    tokio::time::advance(Duration::from_secs(2)).await;
    assert!(matches!(
        timed_out.await.unwrap(),
        Err(PromiseError::Timeout { .. })
    ));
    drop(dropped);
    aborted.abort();
    bus.emit("foo", ()).await.unwrap();
    stays.await.unwrap();
}

#[actix::test]
async fn api_056_end_of_session_cancels_waiters_and_arms_the_promise_again() {
    let bus = bus();
    bus.promises()
        .add_per_session(["roster", "rosterContactsFetched"]);
    bus.promises().add("pluginsInitialized");
    bus.emit("rosterContactsFetched", ()).await.unwrap();
    let (session, instance) = (
        bus.wait_until("roster"),
        bus.wait_until("pluginsInitialized"),
    );
    let polled = actix::spawn(bus.wait_until("roster"));
    tokio::task::yield_now().await;

    bus.promises().end_session();
    assert_eq!(session.await, cancelled("roster"));
    assert_eq!(polled.await.unwrap(), cancelled("roster"));
    assert!(!bus.promises().is_resolved("rosterContactsFetched"));

    let next = bus.wait_until("roster");
    bus.emit("roster", ()).await.unwrap();
    next.await.unwrap();
    bus.emit("pluginsInitialized", ()).await.unwrap();
    instance.await.unwrap();
    bus.promises().end_session();
    bus.wait_until("pluginsInitialized").await.unwrap();
}

#[actix::test]
async fn emission_of_the_last_session_does_not_keep_a_promise_of_the_next() {
    let bus = bus();
    bus.promises().add_per_session("roster");
    let late = bus.emit("roster", ());
    bus.promises().end_session();
    late.await.unwrap();
    assert!(!bus.promises().is_resolved("roster"));
}

#[actix::test]
async fn cancel_pending_leaves_what_is_kept() {
    let bus = bus();
    bus.promises().add(["a", "b"]);
    bus.emit("a", ()).await.unwrap();
    let pending = bus.wait_until("b");
    bus.promises().cancel_pending();
    assert_eq!(pending.await, cancelled("b"));
    bus.wait_until("a").await.unwrap();
    bus.emit("b", ()).await.unwrap();
    bus.wait_until("b").await.unwrap();
}

#[actix::test]
async fn api_057_only_what_was_published_is_kept() {
    let bus = bus();
    bus.promises()
        .add_per_session(["cachedRoster", "roster", "rosterContactsFetched"]);
    bus.emit("cachedRoster", ()).await.unwrap();
    bus.publish_wait(RosterContactsFetched).await.unwrap();
    bus.wait_until("cachedRoster").await.unwrap();
    bus.wait_until("rosterContactsFetched").await.unwrap();
    assert!(!bus.promises().is_resolved("roster"));
}

#[actix::test]
async fn api_058_promises_are_kept_in_the_order_of_publication() {
    let (bus, notes) = (bus(), Notes::default());
    let names = [
        "statusInitialized",
        "rosterInitialized",
        "rosterGroupsFetched",
        "roster",
    ];
    bus.promises().add_per_session(names);
    let mut waiters = Vec::new();
    for name in names.into_iter().rev() {
        let (waiting, waited) = (bus.wait_until(name), notes.clone());
        waiters.push(actix::spawn(async move {
            waiting.await.map(|()| waited.add(name))
        }));
    }
    tokio::task::yield_now().await;
    for name in names {
        bus.emit(name, ());
    }
    for waiter in waiters {
        waiter.await.unwrap().unwrap();
    }
    assert_eq!(notes.take(), names);
}

#[actix::test]
async fn typed_event_with_a_promise_declares_it() {
    let bus = bus();
    bus.publish_wait(RosterContactsFetched).await.unwrap();
    bus.wait_until("rosterContactsFetched").await.unwrap();
}

#[actix::test]
async fn handler_may_wait_for_a_promise_of_an_event_it_hears() {
    let (bus, notes) = (bus(), Notes::default());
    bus.promises().add("later");
    let listen = bus.listen().together();
    let (inner, heard) = (bus.clone(), notes.clone());
    listen.on("now", move |_| {
        let (inner, heard) = (inner.clone(), heard.clone());
        async move {
            inner.wait_until("later").await?;
            heard.add("now");
            Ok(())
        }
    });
    let heard = notes.clone();
    listen.on_sync("later", move |_| {
        heard.add("later");
        Ok(())
    });
    bus.emit("now", ()).await.unwrap();
    bus.emit("later", ()).await.unwrap();
    bus.settle().await;
    assert_eq!(notes.take(), ["now", "later"]);
}
