//! A timer of the actor's.

use std::fmt;

use converse_core::api::Api;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use crate::message::Wake;

/// One timer: setting it again replaces it, dropping it ends it.
#[derive(Default)]
pub(crate) struct Alarm {
    task: Option<AbortHandle>,
}

impl Alarm {
    /// Wakes the actor once.
    pub(crate) fn set(&mut self, api: &Api, at: Instant, wake: Wake) {
        let bus = api.bus().clone();
        self.run(async move {
            sleep_until(at).await;
            if let Err(error) = bus.call(wake).await {
                tracing::debug!(%error, "nobody heard the timer");
            }
        });
    }

    /// Runs `work` in the place of what ran before.
    pub(crate) fn run(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.stop();
        self.task = Some(tokio::spawn(work).abort_handle());
    }

    pub(crate) fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarm")
            .field("set", &self.task.is_some())
            .finish()
    }
}
