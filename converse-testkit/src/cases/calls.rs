//! Calls of the API by its names in the 3.2 document, as far as the core has them.

use std::cell::RefCell;
use std::rc::Rc;

use converse_core::env::Environment;
use converse_core::{Api, Error, ErrorKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::groupings::Answer;
use super::paths::{self, Check};
use super::trouble::{Done, Trouble, parameters};
use super::world::{Outcome, PATIENCE, World};
use crate::clock::settle;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallStep {
    api: String,
    #[serde(default)]
    args: Vec<Value>,
    #[serde(rename = "as")]
    name: Option<String>,
}

/// The step `call`: begins it, and lets it come as far as it can without waiting.
pub(super) async fn step(world: &mut World<'_>, value: &Value) -> Done {
    let step: CallStep = parameters(&world.fill(value)?)?;
    if let Some(password) = step
        .args
        .first()
        .and_then(|options| options.get("password"))
        && let Some(password) = password.as_str()
    {
        // The account's password is whatever the user types in.
        world
            .server
            .plan(|plan| plan.password = password.to_owned());
    }
    if step.api == "ext.sm.reset_baseline" {
        return world.server.acknowledge(None).await.map_err(Trouble::from);
    }
    if step.api == "ext.chat.send"
        && let Some(Value::String(body)) = step.args.get(1)
    {
        world.ledger.called.push(body.clone());
    }
    call(world, &step.api, &step.args, step.name.as_deref())?;
    settle().await;
    Ok(())
}

/// Begins a call; its outcome is kept under `name`.
pub(super) fn call(world: &mut World<'_>, api: &str, args: &[Value], name: Option<&str>) -> Done {
    let args = args
        .iter()
        .map(|argument| native(world, argument))
        .collect::<Result<Vec<_>, _>>()?;
    let running = core_call(&world.api, api, &args)?
        .or_else(|| world.groupings.call(&world.api, api, &args))
        .ok_or_else(|| Trouble::unsupported(format!("the call `{api}`")))?;
    let outcome: Outcome = Rc::new(RefCell::new(None));
    let name = name.map_or_else(
        || format!("#{} {api}", world.calls.len()),
        ToOwned::to_owned,
    );
    world.calls.insert(name, Rc::clone(&outcome));
    actix::spawn(async move {
        let ended = running.await;
        *outcome.borrow_mut() = Some(ended);
    });
    Ok(())
}

/// What a case cannot write as JSON: a native date as RFC 3339 says it, and paging with the result of an earlier call in
/// the place of its name.
fn native(world: &World<'_>, value: &Value) -> Result<Value, Trouble> {
    let Value::Object(map) = value else {
        return Ok(value.clone());
    };
    let marked = map.iter().find(|(key, _)| key.starts_with('@'));
    match marked.map(|(key, value)| (key.as_str(), value)) {
        None => map
            .iter()
            .map(|(key, value)| Ok((key.clone(), native(world, value)?)))
            .collect::<Result<serde_json::Map<_, _>, _>>()
            .map(Value::Object),
        Some(("@date", date)) if map.len() == 1 => Ok(date.clone()),
        Some((way @ ("@rsm_next" | "@rsm_previous"), paging)) if map.len() == 1 => {
            let (of, max): (String, Value) = parameters(paging)?;
            Ok(json!({ way: [result(world, &of)?, max] }))
        }
        Some(_) => Err(Trouble::unsupported(format!("the argument {value}"))),
    }
}

/// What an earlier call gave.
fn result(world: &World<'_>, of: &str) -> Result<Value, Trouble> {
    let outcome = world.calls.get(of);
    let outcome =
        outcome.ok_or_else(|| Trouble::unsupported(format!("no call is named `{of}`")))?;
    match &*outcome.borrow() {
        Some(Ok(value)) => Ok(value.clone()),
        Some(Err(error)) => Err(Trouble::failed(format!("the call `{of}` failed: {error}"))),
        None => Err(Trouble::failed(format!("the call `{of}` has not ended"))),
    }
}

/// What the core has of the API; `None` for everything else.
fn core_call(api: &Api, name: &str, args: &[Value]) -> Result<Option<Answer>, Trouble> {
    let api = api.clone();
    let arg = |index: usize| args.get(index).cloned().unwrap_or(Value::Null);
    let first = arg(0);
    let text = || first.as_str().map(ToOwned::to_owned);
    Ok(Some(match name {
        "user.login" => {
            let options = match first {
                Value::Null => None,
                given => Some(parameters::<converse_core::api::LoginOptions>(&given)?),
            };
            Box::pin(async move {
                let user = api.user();
                match options {
                    Some(options) => user.login(options).await?,
                    None => user.login(()).await?,
                }
                Ok(Value::Null)
            })
        }
        "user.logout" => Box::pin(async move { api.user().logout().await.map(|()| Value::Null) }),
        "user.jid" => Box::pin(async move { Ok(json!(api.user().jid())) }),
        "connection.disconnect" => {
            Box::pin(async move { api.connection().disconnect().await.map(|()| Value::Null) })
        }
        "connection.connected" => Box::pin(async move { Ok(json!(api.connection().connected())) }),
        "tokens.get" => {
            let id = text().ok_or_else(|| Trouble::unsupported("tokens.get without a name"))?;
            Box::pin(async move { Ok(json!(api.tokens().get(&id))) })
        }
        "settings.get" => {
            let key = text().ok_or_else(|| Trouble::unsupported("settings.get without a key"))?;
            Box::pin(async move { Ok(json!(api.settings().get(&key))) })
        }
        "send" => {
            let xml = stanza(&first)?;
            Box::pin(async move { api.send(xml).await.map(|_| Value::Null) })
        }
        // As a program gets them that replaces nothing of its environment.
        "ext.sample_ids" => {
            let count = first.as_u64().unwrap_or(0);
            Box::pin(async move {
                let random = Environment::default().random;
                Ok((0..count).map(|_| json!(random.stanza_id())).collect())
            })
        }
        _ => return Ok(None),
    }))
}

/// A stanza as the cases write it: XML, or a message as a map.
fn stanza(value: &Value) -> Result<converse_core::xml::ElementBuilder, Trouble> {
    use converse_core::ns;
    use converse_core::xml::Element;
    if let Some(xml) = value.as_str() {
        let element =
            Element::parse(xml).map_err(|error| Trouble::unsupported(error.to_string()))?;
        return Ok(element.view().into());
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Message {
        to: String,
        #[serde(rename = "type")]
        type_: Option<String>,
        body: String,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Stanza {
        message: Message,
    }
    let Stanza { message } = parameters(value)?;
    Ok(Element::builder("message", ns::CLIENT)
        .attr("to", message.to)
        .attr_opt("type", message.type_)
        .child(Element::builder("body", ns::CLIENT).text(message.body)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResultStep {
    of: String,
    ok: Option<bool>,
    #[serde(default)]
    pending: bool,
    kind: Option<String>,
    text_contains: Option<String>,
    #[serde(default)]
    checks: Vec<Check>,
}

/// The step `expect_result`.
pub(super) async fn expect_result(world: &mut World<'_>, value: &Value) -> Done {
    let step: ResultStep = parameters(&world.fill(value)?)?;
    let outcome = world.calls.get(&step.of).cloned();
    let outcome =
        outcome.ok_or_else(|| Trouble::unsupported(format!("no call is named `{}`", step.of)))?;
    if step.pending {
        settle().await;
        return match &*outcome.borrow() {
            None => Ok(()),
            Some(ended) => Err(Trouble::failed(format!("it has ended: {ended:?}"))),
        };
    }
    let ended = world
        .until(PATIENCE, || outcome.borrow().as_ref().map(|_| ()))
        .await;
    ended.ok_or_else(|| Trouble::failed("the call does not end"))?;
    let outcome = outcome.borrow();
    let Some(outcome) = &*outcome else {
        return Err(Trouble::failed("the call does not end"));
    };
    judge(&step, outcome, world)
}

fn judge(step: &ResultStep, outcome: &Result<Value, Error>, world: &World<'_>) -> Done {
    let Some(ok) = step.ok else {
        return Err(Trouble::unsupported("expect_result without `ok`"));
    };
    match outcome {
        Ok(value) if ok => {
            use converse_core::env::Clock as _;
            let now = world.clock.now();
            step.checks
                .iter()
                .try_for_each(|check| paths::check(check, value, now))
        }
        Err(error) if !ok => {
            if let Some(kind) = &step.kind
                && error.kind().as_str() != kind
            {
                let known = kinds().contains(&kind.as_str());
                return Err(if known {
                    Trouble::failed(format!("the error is {error:?}, and not {kind}"))
                } else {
                    Trouble::unsupported(format!("the kind `{kind}`"))
                });
            }
            match &step.text_contains {
                Some(part) if !format!("{error:?}").contains(part.as_str()) => {
                    Err(Trouble::failed(format!("`{part}` is not in {error:?}")))
                }
                _ => Ok(()),
            }
        }
        Ok(value) => Err(Trouble::failed(format!("it succeeded: {value}"))),
        Err(error) => Err(Trouble::failed(format!("it failed: {error:?}"))),
    }
}

fn kinds() -> [&'static str; 12] {
    [
        ErrorKind::InvalidArgument,
        ErrorKind::Unsupported,
        ErrorKind::Stanza,
        ErrorKind::Timeout,
        ErrorKind::Disconnected,
        ErrorKind::AuthFailed,
        ErrorKind::Config,
        ErrorKind::ConnectFailed,
        ErrorKind::Conflict,
        ErrorKind::Protocol,
        ErrorKind::E2eeRequired,
        ErrorKind::InvalidResponse,
    ]
    .map(ErrorKind::as_str)
}
