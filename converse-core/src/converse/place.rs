//! Where an instance runs: on the arbiter that starts it, or on a thread of its own.

use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::api::Api;
use crate::converse::{Outside, start};
use crate::error::{Error, ErrorKind};
use crate::plugin::PluginDefinition;
use crate::settings::SettingsMap;

/// A started instance.
pub(crate) struct Running {
    pub(crate) api: Api,
    /// The thread of its own, if it has one.
    thread: Option<Thread>,
}

/// The thread of an instance. It ends with the instance, whether anybody waits for it or not.
struct Thread {
    handle: JoinHandle<()>,
    /// Closed by the last thing that the thread does.
    over: oneshot::Receiver<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.api.stop().await;
        if let Some(Thread { handle, over }) = self.thread {
            let _ = over.await;
            if handle.join().is_err() {
                tracing::error!("the instance's thread panicked");
            }
        }
    }
}

/// Starts an instance here if this is an actix arbiter, else on a new thread.
pub(crate) async fn run(
    settings: SettingsMap,
    registered: Vec<PluginDefinition>,
    outside: Outside,
) -> Result<Running, Error> {
    if actix::Arbiter::try_current().is_some() {
        let api = start::start(settings, registered, outside).await?;
        return Ok(Running { api, thread: None });
    }
    let (tell, told) = oneshot::channel();
    let (ends, over) = oneshot::channel::<()>();
    let spawned = std::thread::Builder::new()
        .name("converse".to_owned())
        .spawn(move || {
            let runner = actix::System::new();
            runner.block_on(live(start::start(settings, registered, outside), tell));
            drop(runner);
            drop(ends);
        });
    let handle = spawned.map_err(|error| {
        Error::new(
            ErrorKind::Config,
            "no thread could be started for the instance",
        )
        .with_source(error)
    })?;
    let api = told.await.map_err(|_| {
        Error::new(
            ErrorKind::Plugin,
            "the instance's thread panicked while it started",
        )
    })??;
    let thread = Some(Thread { handle, over });
    Ok(Running { api, thread })
}

/// The life of an instance on a thread of its own.
async fn live(
    start: impl Future<Output = Result<Api, Error>>,
    tell: oneshot::Sender<Result<Api, Error>>,
) {
    let started = start.await;
    let over = started.as_ref().ok().map(start::until_over);
    // If its caller is gone, the handle that comes back is the last one.
    drop(tell.send(started));
    if let Some(over) = over {
        over.await;
    }
}
