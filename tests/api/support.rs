//! Small things that many tests need.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse::core::session::SessionState;
use converse::prelude::*;

/// Longer than anything that is not stuck takes, in the test's time.
const PATIENCE: Duration = Duration::from_secs(900);

/// What `future` gives, or a failed test instead of one that hangs.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    let limited = tokio::time::timeout(PATIENCE, future).await;
    limited.expect("it does not hang")
}

/// Waits for a state of the session.
pub(crate) async fn state(api: &Api, wanted: impl Fn(&SessionState) -> bool) -> SessionState {
    let mut watch = api.session().watch();
    within(watch.wait_for(|state| wanted(state)))
        .await
        .expect("the instance lives")
        .clone()
}

/// What was heard, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    list: Arc<Mutex<Vec<String>>>,
}

impl Heard {
    pub(crate) fn add(&self, what: impl Into<String>) {
        self.list.lock().unwrap().push(what.into());
    }

    pub(crate) fn list(&self) -> Vec<String> {
        self.list.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.list().iter().filter(|heard| *heard == what).count()
    }
}

/// Notes the names of events as they come.
pub(crate) fn hear(api: &Api, names: &[&'static str]) -> Heard {
    let heard = Heard::default();
    for name in names {
        let into = heard.clone();
        api.listen().on_sync(*name, move |event| {
            into.add(&*event.name);
            Ok(())
        });
    }
    heard
}

/// The bodies of all errors, outermost first.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(" <- ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
