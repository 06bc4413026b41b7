//! Actors hosted by the bus.

use std::sync::Arc;
use std::time::Duration;

use converse_core::BoxError;
use converse_core::bus::{
    Answers, Bus, CallError, Handled, Hears, Hook, HookError, Request, Spawned, Stop, Transforms,
};

use super::{MessageAdded, Notes, RosterContactsFetched, bus, message};

#[derive(Default)]
struct Archive {
    notes: Notes,
    bodies: Vec<String>,
}

struct Count;

impl Request for Count {
    type Response = usize;
}

#[derive(Debug)]
struct Outgoing(String);

impl Hook for Outgoing {
    const NAME: &'static str = "outgoing";
}

impl Hears<MessageAdded> for Archive {
    async fn hear(&mut self, event: Arc<MessageAdded>) -> Handled {
        match event.body.as_str() {
            "slow" => tokio::time::sleep(Duration::from_secs(1)).await,
            "stuck" => std::future::pending().await,
            "panic" => panic!("deliberate"),
            "late panic" => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                panic!("deliberate")
            }
            "error" => return Err("deliberate".into()),
            _ => {}
        }
        self.bodies.push(event.body.clone());
        self.notes.add(event.body.as_str());
        Ok(())
    }
}

impl Hears<RosterContactsFetched> for Archive {
    async fn hear(&mut self, _: Arc<RosterContactsFetched>) -> Handled {
        self.notes.add("roster");
        Ok(())
    }
}

impl Answers<Count> for Archive {
    async fn answer(&mut self, _: Count) -> usize {
        self.bodies.len()
    }
}

impl Transforms<Outgoing> for Archive {
    async fn transform(&mut self, value: Outgoing) -> Result<Outgoing, BoxError> {
        if value.0.is_empty() {
            return Err(Stop::new("nothing to say").into());
        }
        self.bodies.push(value.0.clone());
        Ok(value)
    }
}

fn spawn(bus: &Bus, notes: &Notes) -> Spawned<Archive> {
    let state = Archive {
        notes: notes.clone(),
        bodies: Vec::new(),
    };
    bus.spawn("archive", state)
        .hears::<MessageAdded>()
        .hears::<RosterContactsFetched>()
        .hooks::<Outgoing>()
        .answers::<Count>()
        .unwrap()
}

#[actix::test]
async fn actor_hears_answers_and_transforms() {
    let (bus, notes) = (bus(), Notes::default());
    spawn(&bus, &notes);
    bus.publish(message("hi"));
    assert_eq!(
        bus.transform(Outgoing("hello".into())).await.unwrap().0,
        "hello"
    );
    assert_eq!(bus.call(Count).await, Ok(2));
    let stopped = bus.transform(Outgoing(String::new())).await;
    assert!(matches!(stopped, Err(HookError::Stopped { .. })));
}

#[actix::test]
async fn slow_actor_keeps_its_own_order_and_holds_up_nobody_else() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    spawn(&bus, &notes);
    notes.on(&bus, "messageAdded", "other");
    bus.publish_wait(message("slow")).await.unwrap();
    bus.publish_wait(RosterContactsFetched).await.unwrap();
    bus.publish_wait(message("fast")).await.unwrap();
    assert_eq!(notes.take(), ["other", "other"]);
    assert_eq!(bus.call(Count).await, Ok(2));
    assert_eq!(notes.take(), ["slow", "roster", "fast"]);
}

#[actix::test]
async fn promise_is_kept_although_an_actor_is_busy() {
    let (bus, notes) = (bus(), Notes::default());
    spawn(&bus, &notes);
    bus.publish_wait(message("stuck")).await.unwrap();
    bus.publish_wait(RosterContactsFetched).await.unwrap();
    bus.wait_until("rosterContactsFetched").await.unwrap();
}

#[actix::test]
async fn state_outlives_a_panic() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    spawn(&bus, &notes);
    notes.on(&bus, "handlerFailed", "announced");
    for body in ["one", "panic", "late panic", "error", "two"] {
        bus.publish(message(body));
    }
    assert_eq!(bus.call(Count).await, Ok(2));
    bus.settle().await;
    assert_eq!(
        notes.take(),
        ["one", "announced", "two", "announced", "announced"]
    );
}

#[actix::test]
async fn actors_are_called_in_the_order_in_which_they_began_to_hear() {
    let (bus, notes) = (bus(), Notes::default());
    notes.on(&bus, "messageAdded", "before");
    let state = Archive {
        notes: notes.clone(),
        ..Archive::default()
    };
    bus.spawn("archive", state).hears::<MessageAdded>();
    notes.on(&bus, "messageAdded", "after");
    bus.publish_wait(message("actor")).await.unwrap();
    assert_eq!(notes.take(), ["before", "actor", "after"]);
}

#[actix::test]
async fn second_actor_that_answers_is_refused() {
    let (bus, notes) = (bus(), Notes::default());
    spawn(&bus, &notes);
    let taken = bus
        .spawn("copy", Archive::default())
        .answers::<Count>()
        .unwrap_err();
    assert_eq!((&*taken.by, &*taken.refused), ("archive", "copy"));
}

#[actix::test]
async fn state_can_be_looked_at_in_its_turn() {
    let (bus, notes) = (bus(), Notes::default());
    let actor = spawn(&bus, &notes);
    bus.publish(message("hi"));
    let bodies = actor.with(|archive| archive.bodies.clone()).await.unwrap();
    assert_eq!(bodies, ["hi"]);
    let failed = actor.with(|_| panic!("deliberate")).await;
    assert_eq!(
        failed,
        Err::<(), _>(CallError::Failed { request: "Archive" })
    );
    assert_eq!(actor.with(|archive| archive.bodies.len()).await, Ok(1));
}

#[actix::test]
async fn stopped_actor_is_gone_and_its_state_is_dropped() {
    let (bus, notes) = (bus(), Notes::default());
    let actor = spawn(&bus, &notes);
    bus.publish(message("stuck"));
    bus.publish(message("waiting"));
    let (caller, count) = (bus.clone(), Arc::clone(&notes.0));
    let pending = actix::spawn(async move { caller.call(Count).await });
    tokio::task::yield_now().await;
    actor.stop().await.unwrap();
    assert_eq!(
        pending.await.unwrap(),
        Err(CallError::Failed { request: "Count" })
    );
    assert!(matches!(
        bus.call(Count).await,
        Err(CallError::NoAnswerer { .. })
    ));
    bus.publish_wait(message("unheard")).await.unwrap();
    bus.settle().await;
    assert_eq!(notes.len(), 0);
    // The two handles of this test, and no state that holds a third.
    while Arc::strong_count(&count) > 2 {
        tokio::task::yield_now().await;
    }
    // A stopped actor answers nothing, and keeps nobody else from answering.
    actor.clone().answers::<Count>().unwrap();
    bus.settle().await;
    spawn(&bus, &notes);
    assert_eq!(bus.call(Count).await, Ok(0));
    assert!(actor.with(|_| ()).await.is_err());
}

#[actix::test]
async fn stopped_bus_drops_every_state_and_handler() {
    let (bus, notes) = (bus(), Notes::default());
    spawn(&bus, &notes);
    let (handle, held) = (bus.clone(), notes.clone());
    bus.on("foo", move |_| {
        let _ = (&handle, &held);
        std::future::pending()
    });
    bus.emit("foo", ()).await.unwrap();
    bus.publish_wait(message("stuck")).await.unwrap();
    assert!(Arc::strong_count(&notes.0) > 1);
    bus.stop();
    while Arc::strong_count(&notes.0) > 1 {
        tokio::task::yield_now().await;
    }
}
