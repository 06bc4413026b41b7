//! The events that a case listens to, by name, through the bus.

use std::sync::{Arc, Mutex, PoisonError};

use converse_core::Api;
use serde_json::Value;

use super::paths;

/// An event that was heard.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) name: String,
    pub(super) data: Value,
    /// A step expected it.
    matched: bool,
}

/// All events of the case, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Events {
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Events {
    pub(super) fn listen(&self, api: &Api, names: &[String]) {
        let listen = api.listen().together();
        for name in names {
            let heard = Arc::clone(&self.heard);
            listen.on_sync(name.as_str(), move |event| {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.push(Heard {
                    name: event.name.to_string(),
                    data: event.arg(0).clone(),
                    matched: false,
                });
                Ok(())
            });
        }
    }

    /// The case begins here.
    pub(super) fn forget(&self) {
        self.all(Vec::clear);
    }

    fn all<T>(&self, act: impl FnOnce(&mut Vec<Heard>) -> T) -> T {
        act(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many fit; all of them count as expected from now on.
    pub(super) fn take_all(&self, name: &str, data: Option<&Value>) -> usize {
        self.all(|heard| {
            let fitting = heard.iter_mut().filter(|event| event.fits(name, data));
            fitting.map(|event| event.matched = true).count()
        })
    }

    /// Whether one fits that was not expected yet; it counts as expected from now on.
    pub(super) fn take_one(&self, name: &str, data: Option<&Value>) -> bool {
        self.all(|heard| {
            let mut fitting = heard.iter_mut().filter(|event| event.fits(name, data));
            let found = fitting.find(|event| !event.matched);
            found.map(|event| event.matched = true).is_some()
        })
    }

    pub(super) fn count(&self, name: &str, data: Option<&Value>) -> usize {
        self.all(|heard| heard.iter().filter(|event| event.fits(name, data)).count())
    }

    /// The first that fits and was not expected.
    pub(super) fn unexpected(&self, name: &str, data: Option<&Value>) -> Option<Value> {
        self.all(|heard| {
            let mut fitting = heard.iter().filter(|event| event.fits(name, data));
            let found = fitting.find(|event| !event.matched);
            found.map(|event| event.data.clone())
        })
    }

    /// What was heard under a name, for an error message.
    pub(super) fn describe(&self, name: &str) -> String {
        let all = self.all(|heard| heard.clone());
        let told: Vec<String> = all
            .iter()
            .filter(|event| event.name == name)
            .map(|event| event.data.to_string())
            .collect();
        if told.is_empty() {
            "there was none".to_owned()
        } else {
            format!("there was {}", told.join(", "))
        }
    }
}

impl Heard {
    fn fits(&self, name: &str, data: Option<&Value>) -> bool {
        self.name == name && data.is_none_or(|data| is_subset(data, &self.data))
    }
}

/// Whether everything of `expected` is in `value`; keys may be paths.
fn is_subset(expected: &Value, value: &Value) -> bool {
    let Value::Object(expected) = expected else {
        return paths::equal(expected, value);
    };
    expected.iter().all(|(path, expected)| {
        let found = value
            .get(path)
            .cloned()
            .or_else(|| paths::find(value, path).ok().flatten());
        found.is_some_and(|found| is_subset(expected, &found))
    })
}
