//! The steps about what the client sends.

use std::time::Duration;

use converse_core::xml::Element;
use serde::Deserialize;
use serde_json::Value;

use super::announcing::EventStep;
use super::trouble::{Done, Trouble, parameters};
use super::world::World;
use crate::scripted::{Captures, PATIENCE, Pattern, has_path};

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
    let within = step.within_ms.map_or(PATIENCE, Duration::from_millis);
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
