//! The step `expect_state`: what can be seen of the state.

use converse_core::env::Clock as _;
use converse_core::xml::Element;
use converse_core::{Api, Error, ns};
use serde::Deserialize;
use serde_json::{Value, json};

use super::paths::{self, Check};
use super::trouble::{Done, Trouble, parameters};
use super::world::World;
use crate::clock::settle;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateStep {
    view: String,
    #[serde(default)]
    args: Vec<Value>,
    checks: Vec<Check>,
}

pub(super) async fn expect_state(world: &mut World<'_>, value: &Value) -> Done {
    let step: StateStep = parameters(&world.fill(value)?)?;
    settle().await;
    let state = view(world, &step.view, &step.args).await?;
    if step.checks.is_empty() {
        return Err(Trouble::unsupported("expect_state without checks"));
    }
    let now = world.clock.now();
    for check in &step.checks {
        paths::check(check, &state, now).map_err(|trouble| match trouble {
            Trouble::Failed(why) => Trouble::Failed(format!("{}{:?}: {why}", step.view, step.args)),
            unsupported => unsupported,
        })?;
    }
    Ok(())
}

/// The core's part of a view, and the groupings' part on top.
async fn view(world: &World<'_>, name: &str, args: &[Value]) -> Result<Value, Trouble> {
    let core = match name {
        "caps" => Some(believed(world, args)?),
        name => core_view(&world.api, name).await?,
    };
    let more = match world.groupings.view(&world.api, name, args) {
        Some(answer) => Some(answer.await?),
        None => None,
    };
    match (core, more) {
        (Some(Value::Object(mut core)), Some(Value::Object(more))) => {
            core.extend(more);
            Ok(Value::Object(core))
        }
        (Some(state), _) | (None, Some(state)) => Ok(state),
        (None, None) => Err(Trouble::unsupported(format!("the view `{name}`"))),
    }
}

/// Of the resources that have announced a hash in their presence, those whose capabilities are believed (XEP-0115 §5.4).
fn believed(world: &World<'_>, args: &[Value]) -> Result<Value, Trouble> {
    let [Value::String(ver)] = args else {
        return Err(Trouble::unsupported("the view `caps` without a hash"));
    };
    let announced = world.announced.iter().filter(|(_, known)| known == ver);
    let believed = announced.filter(|(jid, _)| world.api.disco().known(jid).is_some());
    let believed: Vec<&str> = believed.map(|(jid, _)| jid.as_str()).collect();
    Ok(json!({ "verified_from": believed }))
}

async fn core_view(api: &Api, name: &str) -> Result<Option<Value>, Error> {
    Ok(match name {
        "user" => Some(json!({ "jid": api.user().jid() })),
        "connection" => Some(json!({
            "connected": api.connection().connected(),
            "state": api.connection().state(),
        })),
        "sm" => {
            let sm = api.connection().status().await?.stream_management;
            let bodies: Vec<Value> = sm.unacked_messages.iter().map(|xml| body(xml)).collect();
            Some(json!({
                "enabled": sm.enabled,
                "id": sm.id,
                "h_in": sm.received,
                "h_out": sm.sent,
                "resumed": sm.resumed,
                "unacked_messages": bodies,
            }))
        }
        _ => None,
    })
}

fn body(xml: &str) -> Value {
    let message = Element::parse(xml).ok();
    let body =
        message.and_then(|message| Some(message.child_text("body", ns::CLIENT)?.into_owned()));
    json!(body)
}
