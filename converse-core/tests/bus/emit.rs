//! `emit` calls handlers, keeps promises and survives whatever handlers do.

use serde_json::json;

use converse_core::bus::{EmitError, HandlerFailed};
use converse_core::promise::PromiseError;

use super::{Notes, bus};

#[actix::test]
async fn api_026_emit_calls_handler_with_arguments() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    bus.on("foo", move |event| {
        heard.add(format!("{} {:?}", event.name, event.args));
        async { Ok(()) }
    });
    for _ in 0..3 {
        bus.emit("foo", (1, "x")).await.unwrap();
    }
    let expected = format!("foo {:?}", [json!(1), json!("x")]);
    assert_eq!(notes.take(), vec![expected; 3]);
}

#[actix::test]
async fn arguments_come_in_several_forms() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    bus.on("foo", move |event| {
        heard.add(serde_json::to_string(&event.args).unwrap());
        async { Ok(()) }
    });
    bus.emit("foo", ()).await.unwrap();
    bus.emit("foo", json!({ "a": 1 })).await.unwrap();
    bus.emit("foo", vec![json!(1), json!(2)]).await.unwrap();
    bus.emit("foo", (1, "b", true, [4], Some(5), ()))
        .await
        .unwrap();
    assert_eq!(
        notes.take(),
        ["[]", r#"[{"a":1}]"#, "[1,2]", r#"[1,"b",true,[4],5,null]"#]
    );

    let no_json = std::collections::HashMap::from([((1, 2), 3)]);
    let error = bus.emit("foo", (no_json,)).await.unwrap_err();
    assert!(matches!(error, EmitError::Arguments { name, .. } if name == "foo"));
    assert_eq!(notes.len(), 0);
}

#[actix::test]
async fn api_027_emit_without_handler_or_promise_is_no_error() {
    bus().emit("nobody", ()).await.unwrap();
}

#[actix::test]
async fn api_028_emit_resolves_the_promise_and_runs_handlers() {
    let (bus, notes) = (bus(), Notes::default());
    bus.promises().add("foo-completed");
    notes.on(&bus, "foo-completed", "handler");
    let waiting = bus.wait_until("foo-completed");
    bus.emit("foo-completed", ()).await.unwrap();
    waiting.await.unwrap();
    assert_eq!(notes.take(), ["handler"]);
}

#[actix::test]
async fn api_029_emit_again_runs_handlers_but_not_waiters() {
    let (bus, notes) = (bus(), Notes::default());
    bus.promises().add("foo-completed");
    notes.on(&bus, "foo-completed", "handler");
    let (waiting, waited) = (bus.wait_until("foo-completed"), notes.clone());
    let waiter = actix::spawn(async move { waiting.await.map(|()| waited.add("waiter")) });
    bus.emit("foo-completed", ()).await.unwrap();
    waiter.await.unwrap().unwrap();
    bus.emit("foo-completed", ()).await.unwrap();
    assert!(bus.promises().is_resolved("foo-completed"));
    assert_eq!(notes.take(), ["handler", "waiter", "handler"]);
}

#[actix::test]
async fn api_030_handlers_run_before_waiters() {
    let (bus, notes) = (bus(), Notes::default());
    bus.promises().add("foo");
    let (waiting, waited) = (bus.wait_until("foo"), notes.clone());
    let waiter = actix::spawn(async move { waiting.await.map(|()| waited.add("waiter")) });
    tokio::task::yield_now().await;
    notes.on(&bus, "foo", "first");
    notes.on(&bus, "foo", "second");
    bus.emit("foo", ()).await.unwrap();
    waiter.await.unwrap().unwrap();
    assert_eq!(notes.take(), ["first", "second", "waiter"]);
}

#[actix::test]
async fn api_031_handlers_are_called_in_registration_order() {
    let (bus, notes) = (bus(), Notes::default());
    for note in ["A", "B", "C"] {
        notes.on(&bus, "foo", note);
    }
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["A", "B", "C"]);
}

#[actix::test]
async fn api_032_handler_registered_during_an_emission_waits_for_the_next() {
    let (bus, notes) = (bus(), Notes::default());
    let (inner, heard) = (bus.clone(), notes.clone());
    bus.once("foo", move |_| {
        heard.add("A");
        heard.on(&inner, "foo", "B");
        async { Ok(()) }
    });
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["A"]);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["B"]);
}

#[actix::test]
async fn api_033_handler_may_remove_another() {
    let (bus, notes) = (bus(), Notes::default());
    let other = std::sync::Arc::new(std::sync::OnceLock::new());
    let (inner, heard, removed) = (bus.clone(), notes.clone(), other.clone());
    bus.on("foo", move |_| {
        heard.add("A");
        inner.not("foo", *removed.get().unwrap());
        async { Ok(()) }
    });
    other.set(notes.on(&bus, "foo", "B")).unwrap();
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["A", "B"]);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["A"]);
}

#[actix::test]
async fn api_034_handler_may_emit() {
    let (bus, notes) = (bus(), Notes::default());
    let (inner, heard) = (bus.clone(), notes.clone());
    bus.on("outer", move |_| {
        let (inner, heard) = (inner.clone(), heard.clone());
        async move {
            heard.add("outer");
            inner.emit("inner", ()).await?;
            heard.add("outer goes on");
            Ok(())
        }
    });
    notes.on(&bus, "inner", "inner");
    bus.emit("outer", ()).await.unwrap();
    bus.settle().await;
    assert_eq!(notes.take(), ["outer", "inner", "outer goes on"]);
}

#[actix::test]
async fn ten_thousand_nested_emits_neither_overflow_nor_starve_others() {
    let (bus, notes) = (bus(), Notes::default());
    let (inner, heard) = (bus.clone(), notes.clone());
    bus.on("foo", move |event| {
        let depth = event.arg(0).as_u64().unwrap();
        if depth < 10_000 {
            inner.emit("foo", (depth + 1,));
        } else {
            heard.add("deepest");
        }
        async { Ok(()) }
    });
    let other = notes.clone();
    bus.emit("foo", (0,)).await.unwrap();
    actix::spawn(async move { other.add("other task") });
    bus.settle().await;
    assert_eq!(notes.take(), ["other task", "deepest"]);
}

#[actix::test]
async fn api_035_a_failing_handler_stops_nobody() {
    let (bus, notes) = (bus(), Notes::default());
    bus.on("foo", |_| async { Err("deliberate".into()) });
    bus.on("foo", |_| async { panic!("deliberate") });
    notes.on(&bus, "foo", "other");
    let heard = notes.clone();
    bus.subscribe::<HandlerFailed, _, _>("test", move |failed| {
        heard.add(format!(
            "{} {} {}",
            failed.owner, failed.event, failed.reason
        ));
        async { Ok(()) }
    });
    bus.emit("foo", ()).await.unwrap();
    bus.settle().await;
    assert_eq!(
        notes.take(),
        [
            "other",
            "application foo deliberate",
            "application foo panicked: deliberate"
        ]
    );
}

#[actix::test]
async fn api_036_promise_resolves_whatever_the_arguments() {
    let bus = bus();
    bus.promises().add("foo");
    bus.emit("foo", (1, "x")).await.unwrap();
    bus.wait_until("foo").await.unwrap();
}

#[actix::test]
async fn emit_need_not_be_awaited() {
    let (bus, notes) = (bus(), Notes::default());
    notes.on(&bus, "foo", "heard");
    bus.emit("foo", ());
    bus.settle().await;
    assert_eq!(notes.take(), ["heard"]);
}

#[actix::test]
async fn emit_after_stop_is_an_error_and_cancels_waiters() {
    let bus = bus();
    bus.promises().add("foo");
    let waiting = bus.wait_until("foo");
    bus.stop();
    assert!(matches!(bus.emit("foo", ()).await, Err(EmitError::Closed)));
    let cancelled = Err(PromiseError::Cancelled { name: "foo".into() });
    assert_eq!(waiting.await, cancelled);
    assert_eq!(bus.wait_until("foo").await, cancelled);
    assert!(bus.is_stopped());
}
