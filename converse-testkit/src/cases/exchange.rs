//! The steps about what goes over the wire and what is announced.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use converse_core::xml::Element;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::trouble::{Done, Trouble, parameters};
use super::world::{PATIENCE, World};
use crate::clock::settle;
use crate::scripted::{Captures, PATIENCE as SEND_PATIENCE, Pattern, has_path};

/// How much of a flood goes into one part.
const PART: usize = 64 * 1024;

pub(super) async fn recv(world: &mut World<'_>, value: &Value) -> Done {
    let xml = value
        .as_str()
        .ok_or_else(|| Trouble::unsupported("recv of something that is no text"))?;
    let xml = world.captures.fill(xml)?;
    world.server.send(&xml).await?;
    Ok(())
}

pub(super) async fn recv_raw(world: &mut World<'_>, step: &Map<String, Value>) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        recv_raw: String,
        encoding: Option<String>,
        /// One write is one segment here in any case.
        #[serde(default, rename = "one_tcp_segment")]
        _one_tcp_segment: bool,
    }
    let raw: Raw = parameters(&Value::Object(step.clone()))?;
    let bytes = match raw.encoding.as_deref() {
        None => world.captures.fill(&raw.recv_raw)?.into_bytes(),
        Some("base64") => BASE64
            .decode(raw.recv_raw)
            .map_err(|error| Trouble::unsupported(error.to_string()))?,
        Some(other) => return Err(Trouble::unsupported(format!("the encoding `{other}`"))),
    };
    world.server.send_raw(bytes)?;
    settle().await;
    Ok(())
}

pub(super) async fn recv_repeat(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Repeat {
        count: u64,
        xml: String,
    }
    let repeat: Repeat = parameters(value)?;
    let mut numbers = 0..repeat.count;
    let xml = repeat.xml;
    let parts = std::iter::from_fn(move || {
        let mut part = Vec::new();
        while part.len() < PART {
            let Some(number) = numbers.next() else { break };
            part.extend(xml.replace("{{i}}", &number.to_string()).into_bytes());
        }
        (!part.is_empty()).then_some(part)
    });
    flood(world, Box::new(parts)).await
}

pub(super) async fn recv_generated(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Generated {
        prefix: String,
        fill: String,
        bytes: usize,
        suffix: String,
    }
    let generated: Generated = parameters(value)?;
    if generated.fill.is_empty() {
        return Err(Trouble::unsupported("a stanza filled with nothing"));
    }
    let block = generated.fill.repeat(PART / generated.fill.len() + 1);
    let mut left = generated.bytes;
    let middle = std::iter::from_fn(move || {
        let count = left.min(block.len());
        left -= count;
        (count > 0).then(|| block.as_bytes()[..count].to_vec())
    });
    let parts = std::iter::once(generated.prefix.into_bytes())
        .chain(middle)
        .chain(std::iter::once(generated.suffix.into_bytes()));
    flood(world, Box::new(parts)).await
}

/// Sends all of it and looks at the memory meanwhile.
async fn flood(world: &World<'_>, parts: Box<dyn Iterator<Item = Vec<u8>> + Send>) -> Done {
    let sending = world.server.send_parts(parts);
    tokio::pin!(sending);
    loop {
        tokio::select! {
            sent = &mut sending => {
                sent?;
                break;
            }
            () = tokio::task::yield_now() => world.resources.sample(),
        }
    }
    settle().await;
    world.resources.sample();
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendStep {
    #[serde(rename = "match")]
    pattern: String,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    to_in: Vec<Option<String>>,
    #[serde(default)]
    distinct: Vec<String>,
    #[serde(default)]
    alternatives: Vec<String>,
    or_event: Option<EventStep>,
    or_result: Option<Value>,
    #[serde(default)]
    optional: bool,
    within_ms: Option<u64>,
    #[serde(default)]
    open_tag: bool,
}

impl SendStep {
    /// What the names stand for if the element fits.
    fn fits(
        &self,
        pattern: &Pattern,
        element: &Element,
        captures: &Captures,
    ) -> Result<Option<Captures>, Trouble> {
        let is_open_tag = element.is("stream", converse_core::ns::STREAM);
        let mut bound = captures.clone();
        if self.open_tag != is_open_tag {
            return Ok(None);
        }
        let mut fits = pattern.matches(element, &mut bound);
        if !fits && !self.alternatives.is_empty() {
            // A pattern may be met in another way, as long as it is the same kind of element.
            bound = captures.clone();
            let root = root_of(&self.pattern)?;
            fits = root.matches(element, &mut bound) && self.has_alternative(element)?;
        }
        if !fits {
            return Ok(None);
        }
        for path in &self.absent {
            if has_path(element, path)? {
                return Ok(None);
            }
        }
        let to = element.attr("to").map(|to| to.into_owned());
        if !self.to_in.is_empty() && !self.to_in.contains(&to) {
            return Ok(None);
        }
        let values: Vec<_> = self.distinct.iter().map(|name| bound.get(name)).collect();
        for (index, value) in values.iter().enumerate() {
            if value.is_none() {
                return Err(Trouble::unsupported(
                    "`distinct` of a name that is not bound",
                ));
            }
            if values[..index].contains(value) {
                return Ok(None);
            }
        }
        Ok(Some(bound))
    }

    fn has_alternative(&self, element: &Element) -> Result<bool, Trouble> {
        for path in &self.alternatives {
            if has_path(element, path)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The outermost element of a pattern, with its attributes and its first child's name.
fn root_of(pattern: &str) -> Result<Pattern, Trouble> {
    let element =
        Element::parse(pattern).map_err(|error| Trouble::unsupported(error.to_string()))?;
    let mut root = Element::builder(element.name().to_owned(), element.ns().to_owned());
    for attribute in element.attrs() {
        root = root.attr(attribute.name().to_owned(), attribute.value());
    }
    if let Some(child) = element.children().next() {
        let mut inner = Element::builder(child.name().to_owned(), child.ns().to_owned());
        for attribute in child.attrs() {
            inner = inner.attr(attribute.name().to_owned(), attribute.value());
        }
        root = root.child(inner);
    }
    let root = root
        .build()
        .map_err(|error| Trouble::unsupported(error.to_string()))?;
    Ok(Pattern::parse(&root.to_xml())?)
}

pub(super) async fn expect_send(world: &mut World<'_>, value: &Value) -> Done {
    let step: SendStep = parameters(value)?;
    if step.or_result.is_some() {
        return Err(Trouble::unsupported("`or_result`"));
    }
    let pattern = Pattern::parse(&step.pattern)?;
    let within = step.within_ms.map_or(SEND_PATIENCE, Duration::from_millis);
    let found = world
        .until(within, || {
            let mut trouble = None;
            let taken = world.server.take_sent(|element| {
                step.fits(&pattern, element, &world.captures)
                    .unwrap_or_else(|error| {
                        trouble = Some(error);
                        None
                    })
            });
            match (trouble, taken) {
                (Some(trouble), _) => Some(Err(trouble)),
                (None, Some((_, bound))) => Some(Ok(Some(bound))),
                (None, None) => {
                    let event = step.or_event.as_ref()?;
                    let heard = world.events.take_one(&event.name, event.data.as_ref());
                    heard.then_some(Ok(None))
                }
            }
        })
        .await;
    match found.transpose()? {
        Some(Some(bound)) => {
            world.captures = bound;
            Ok(())
        }
        Some(None) => Ok(()),
        None if step.optional => Ok(()),
        None => Err(Trouble::failed(format!(
            "the client did not send `{}`; {}{}",
            step.pattern,
            world.server.unexpected(),
            world.failed_calls()
        ))),
    }
}

pub(super) async fn expect_no_send(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NoSend {
        #[serde(rename = "match")]
        pattern: String,
        within_ms: u64,
    }
    let step: NoSend = parameters(value)?;
    let within = Duration::from_millis(step.within_ms);
    let watched = world
        .server
        .expect_nothing(&step.pattern, &world.captures, within);
    Ok(watched.await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventStep {
    name: String,
    data: Option<Value>,
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
const CORE_EVENTS: [&str; 12] = [
    "connected",
    "disconnected",
    "handlerFailed",
    "initialized",
    "logout",
    "noResumeableSession",
    "pluginStalled",
    "pluginsInitialized",
    "reconnected",
    "reconnecting",
    "sessionStarted",
    "sessionStateChanged",
];

fn check_event_name(world: &World<'_>, name: &str) -> Done {
    if CORE_EVENTS.contains(&name) || world.groupings.has_event(name) {
        Ok(())
    } else {
        Err(Trouble::unsupported(format!("the event `{name}`")))
    }
}
