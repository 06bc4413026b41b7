//! A handler that fails harms nobody else, and says nothing it should not.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Metadata, Subscriber, span};

use converse_core::bus::{EmitError, Event, HandlerFailed};

use super::{MessageAdded, Notes, bus, message};

/// Writes every log event down, fields and all.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("converse_core")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[actix::test]
async fn failures_are_logged_with_owner_and_event_but_never_with_the_event_s_content() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let bus = bus();
    bus.subscribe_sync::<MessageAdded, _>("broken", |_| Err("no room left".into()));
    bus.subscribe_sync::<MessageAdded, _>("worse", |event| panic!("cannot handle {event:?}"));
    bus.publish_wait(message("the secret")).await.unwrap();
    bus.settle().await;
    let text = log.0.lock().unwrap().clone();
    assert!(
        text.contains(r#"owner="broken" event="messageAdded" error="no room left""#),
        "{text}"
    );
    assert!(
        text.contains(r#"owner="worse" event="messageAdded""#),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[actix::test]
async fn failing_handler_of_the_announcement_is_not_announced() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    bus.subscribe_sync::<HandlerFailed, _>("broken", move |failed| {
        heard.add(failed.event.as_ref());
        Err("deliberate".into())
    });
    bus.on("foo", |_| async { panic!("deliberate") });
    bus.emit("foo", ()).await.unwrap();
    bus.settle().await;
    assert_eq!(notes.take(), ["foo"]);
}

#[actix::test]
async fn panic_after_an_await_is_caught_and_the_handler_is_called_again() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    bus.on("foo", move |event| {
        let heard = heard.clone();
        async move {
            tokio::task::yield_now().await;
            assert!(event.arg(0) != 1, "deliberate");
            heard.add(event.arg(0).to_string());
            Ok(())
        }
    });
    for n in 0..3 {
        bus.emit("foo", (n,)).await.unwrap();
    }
    bus.settle().await;
    assert_eq!(notes.take(), ["0", "2"]);
}

/// An event whose value cannot be had.
#[derive(Debug)]
struct Broken;

impl Event for Broken {
    const NAME: &'static str = "broken";

    fn to_value(&self) -> serde_json::Value {
        panic!("deliberate")
    }
}

#[actix::test]
async fn event_that_panics_when_serialised_is_still_heard() {
    let (bus, notes) = (bus(), Notes::default());
    notes.on(&bus, "broken", "by name");
    let heard = notes.clone();
    bus.subscribe_sync::<Broken, _>("test", move |_| {
        heard.add("by type");
        Ok(())
    });
    bus.publish_wait(Broken).await.unwrap();
    assert_eq!(notes.take(), ["by name", "by type"]);
}

/// An error that panics when it is shown.
#[derive(Debug)]
struct Mute;

impl std::fmt::Display for Mute {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("deliberate")
    }
}

impl std::error::Error for Mute {}

#[actix::test]
async fn error_that_panics_when_shown_is_still_announced() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    bus.subscribe_sync::<HandlerFailed, _>("test", move |failed| {
        heard.add(failed.reason.as_str());
        Ok(())
    });
    bus.on("foo", |_| async { Err(Mute.into()) });
    notes.on(&bus, "foo", "other");
    bus.emit("foo", ()).await.unwrap();
    bus.settle().await;
    assert_eq!(notes.take(), ["other", "failed"]);
}

#[actix::test]
async fn panic_in_dispatched_work_leaves_the_bus_alive() {
    let (bus, notes) = (bus(), Notes::default());
    notes.on(&bus, "foo", "heard");
    let lost = bus.dispatch(|_| panic!("deliberate")).await;
    assert!(matches!(lost, Err(EmitError::Panicked)));
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["heard"]);
}

#[actix::test]
async fn value_of_an_event_is_made_once_and_only_for_those_who_listen_by_name() {
    #[derive(Debug)]
    struct Counted(Arc<Mutex<u32>>);

    impl Event for Counted {
        const NAME: &'static str = "counted";

        fn to_value(&self) -> serde_json::Value {
            *self.0.lock().unwrap() += 1;
            serde_json::Value::Null
        }
    }

    let (bus, made) = (bus(), Arc::new(Mutex::new(0)));
    bus.subscribe_sync::<Counted, _>("test", |_| Ok(()));
    bus.publish_wait(Counted(made.clone())).await.unwrap();
    assert_eq!(*made.lock().unwrap(), 0);
    let notes = Notes::default();
    notes.on(&bus, "counted", "1");
    notes.on(&bus, "counted", "2");
    bus.publish_wait(Counted(made.clone())).await.unwrap();
    assert_eq!((*made.lock().unwrap(), notes.len()), (1, 2));
}
