//! The steps in which the server sends something.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use converse_core::ns;
use converse_core::xml::Element;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::trouble::{Done, Trouble, parameters};
use super::world::World;
use crate::clock::settle;

/// How much of a flood goes into one part.
const PART: usize = 64 * 1024;

pub(super) async fn recv(world: &mut World<'_>, value: &Value) -> Done {
    let xml = value
        .as_str()
        .ok_or_else(|| Trouble::unsupported("recv of something that is no text"))?;
    let xml = world.captures.fill(xml)?;
    note_capabilities(world, &xml);
    world.server.send(&xml).await?;
    Ok(())
}

/// Notes who announces which capabilities.
fn note_capabilities(world: &mut World<'_>, xml: &str) {
    let Ok(presence) = Element::parse(xml) else {
        return;
    };
    let caps = presence.child("c", ns::CAPS);
    let ver = caps.and_then(|caps| caps.attr("ver").map(Cow::into_owned));
    let from = presence.attr("from").and_then(|from| from.parse().ok());
    if let (Some(from), Some(ver)) = (from, ver) {
        world.announced.push((from, ver));
    }
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
