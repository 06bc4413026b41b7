//! The bus and its promises, from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod call;
mod emit;
mod host;
mod isolation;
mod listen;
mod order;
mod pressure;
mod promises;
mod threads;
mod transform;
mod wait_until;

use std::sync::{Arc, Mutex};

use converse_core::bus::{Bus, BusConfig, Event};

/// An event with something in it.
#[derive(Debug, serde::Serialize, Event)]
#[event(name = "messageAdded")]
struct MessageAdded {
    body: String,
}

/// An event without anything in it that keeps a promise.
#[derive(Debug, serde::Serialize, Event)]
#[event(name = "rosterContactsFetched", promise)]
struct RosterContactsFetched;

fn message(body: &str) -> MessageAdded {
    MessageAdded {
        body: body.to_owned(),
    }
}

fn bus() -> Bus {
    Bus::start(BusConfig::default())
}

fn bus_with_capacity(inbox_capacity: usize) -> Bus {
    let mut config = BusConfig::default();
    config.inbox_capacity = inbox_capacity;
    Bus::start(config)
}

/// What handlers note down, in order.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Subscribes, by name, a handler that notes `note`.
    fn on(
        &self,
        bus: &Bus,
        name: &'static str,
        note: &'static str,
    ) -> converse_core::bus::SubscriptionId {
        let notes = self.clone();
        bus.on(name, move |_| {
            notes.add(note);
            async { Ok(()) }
        })
    }
}
