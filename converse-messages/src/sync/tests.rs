#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod archive;
mod catching_up;
mod filling;
mod forgotten;
mod hostile;
mod keeping;
mod properties;
mod settling;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use converse_core::store::Place;

use super::{ArchiveState, CatchUp, Fill, Filled, Limits, Outcome, Placed, SyncError};
use archive::Archive;

/// How many requests are more than any run needs.
const TOO_MANY: usize = 2_000;

fn now() -> DateTime<Utc> {
    "2026-02-01T12:00:00Z".parse().unwrap()
}

/// What a client has of an archive.
#[derive(Debug, Default)]
struct Client {
    state: ArchiveState,
    messages: HashMap<String, Place>,
    limits: Limits,
}

impl Client {
    fn known(&self) -> impl Fn(&str) -> Option<Place> {
        |id| self.messages.get(id).copied()
    }

    fn apply(&mut self, placed: Vec<Placed>) {
        for message in placed {
            self.messages.insert(message.id, message.place);
        }
    }

    fn catch_up(&mut self, archive: &mut Archive) -> Outcome {
        self.catch_up_since(archive, None)
    }

    /// The same if it is not known whether something has arrived that was sent then.
    fn catch_up_since(&mut self, archive: &mut Archive, sent: Option<DateTime<Utc>>) -> Outcome {
        let run = CatchUp::new(None, self.state.clone()).limits(self.limits);
        let mut run = run.reaching(sent);
        self.read(&mut run, archive);
        run.into_outcome()
    }

    /// Does what a run wants until its end.
    fn read(&mut self, run: &mut CatchUp, archive: &mut Archive) {
        let mut requests = 0;
        while let Some(request) = run.request() {
            requests += 1;
            assert!(requests < TOO_MANY, "it asks for ever");
            let answer = archive.answer(&request);
            let placed = run.take(answer, now(), self.known());
            self.apply(placed);
            self.state = run.state().clone();
        }
    }

    /// Fills a gap as far as it goes.
    fn fill(&mut self, archive: &mut Archive, number: u64) -> Filled {
        let mut run = self
            .state
            .fill(None, number)
            .unwrap()
            .page(self.limits.page);
        let mut requests = 0;
        while let Some(request) = run.request() {
            requests += 1;
            assert!(requests < TOO_MANY, "it asks for ever");
            let answer = archive.answer(&request);
            let placed = run.take(answer, now(), self.known());
            self.apply(placed);
            self.state.set_gap(number, run.left().cloned());
        }
        run.into_filled()
    }

    /// The ids of what is here, in the order of the places.
    fn shown(&self) -> Vec<&str> {
        let mut all: Vec<_> = self.messages.iter().collect();
        all.sort_by_key(|(_, place)| **place);
        all.into_iter().map(|(id, _)| id.as_str()).collect()
    }

    /// The id at which the cursor stands.
    fn cursor(&self) -> Option<&str> {
        self.state.cursor().map(|mark| mark.id.as_str())
    }
}
