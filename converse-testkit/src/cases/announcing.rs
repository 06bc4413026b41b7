//! The steps about events.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::trouble::{Done, Trouble, parameters};
use super::world::{PATIENCE, World};
use crate::clock::settle;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventStep {
    pub(super) name: String,
    pub(super) data: Option<Value>,
    count: Option<usize>,
}

pub(super) async fn expect_event(world: &mut World<'_>, value: &Value) -> Done {
    let step: EventStep = parameters(&world.fill(value)?)?;
    let (name, data) = (step.name.as_str(), step.data.as_ref());
    check_event_name(world, name)?;
    let Some(count) = step.count else {
        let heard = world.until(PATIENCE, || world.events.take_one(name, data).then_some(()));
        return heard.await.ok_or_else(|| not_announced(world, &step));
    };
    world
        .until(PATIENCE, || {
            (world.events.count(name, data) >= count).then_some(())
        })
        .await;
    settle().await;
    if world.events.take_all(name, data) == count {
        Ok(())
    } else {
        Err(not_announced(world, &step))
    }
}

fn not_announced(world: &World<'_>, step: &EventStep) -> Trouble {
    let count = step
        .count
        .map(|count| format!(" {count} times"))
        .unwrap_or_default();
    Trouble::failed(format!(
        "`{}` was not announced{count}: {}{}",
        step.name,
        world.events.describe(&step.name),
        world.failed_calls()
    ))
}

pub(super) async fn expect_no_event(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NoEvent {
        name: String,
        data: Option<Value>,
        within_ms: u64,
    }
    let step: NoEvent = parameters(&world.fill(value)?)?;
    check_event_name(world, &step.name)?;
    let within = Duration::from_millis(step.within_ms);
    let heard = world.until(within, || {
        world.events.unexpected(&step.name, step.data.as_ref())
    });
    match heard.await {
        None => Ok(()),
        Some(data) => Err(Trouble::failed(format!(
            "`{}` was announced: {data}",
            step.name
        ))),
    }
}

/// The events of the core.
const CORE_EVENTS: [&str; 15] = [
    "connected",
    "discoInitialized",
    "disconnected",
    "handlerFailed",
    "initialized",
    "logout",
    "noResumeableSession",
    "pluginStalled",
    "pluginsInitialized",
    "reconnected",
    "reconnecting",
    "sendRefused",
    "sessionStarted",
    "sessionStateChanged",
    "userActive",
];

fn check_event_name(world: &World<'_>, name: &str) -> Done {
    if CORE_EVENTS.contains(&name) || world.groupings.has_event(name) {
        Ok(())
    } else {
        Err(Trouble::unsupported(format!("the event `{name}`")))
    }
}
