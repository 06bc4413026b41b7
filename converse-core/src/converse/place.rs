//! Where an instance runs: on the arbiter that starts it, or on a thread of its own.

use tokio::sync::oneshot;

use crate::api::Api;
use crate::converse::{Outside, start};
use crate::error::{Error, ErrorKind};
use crate::plugin::PluginDefinition;
use crate::settings::SettingsMap;

/// A started instance.
pub(crate) struct Running {
    pub(crate) api: Api,
    /// The system of its own thread, if it has one.
    system: Option<actix::System>,
}

impl Running {
    pub(crate) async fn stop(self) {
        start::tear_down(&self.api).await;
        if let Some(system) = self.system {
            system.stop();
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
        return Ok(Running { api, system: None });
    }
    let (tell, told) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("converse".to_owned())
        .spawn(move || {
            let runner = actix::System::new();
            let system = actix::System::current();
            let started = runner.block_on(start::start(settings, registered, outside));
            let failed = started.is_err();
            let told = tell.send(started.map(|api| (api, system)));
            // Nobody is there to use the instance if the start failed or its caller is gone.
            if !failed
                && told.is_ok()
                && let Err(error) = runner.run()
            {
                tracing::error!(%error, "the instance's thread ended with an error");
            }
        });
    thread.map_err(|error| {
        Error::new(
            ErrorKind::Config,
            "no thread could be started for the instance",
        )
        .with_source(error)
    })?;
    let (api, system) = told.await.map_err(|_| {
        Error::new(
            ErrorKind::Plugin,
            "the instance's thread panicked while it started",
        )
    })??;
    Ok(Running {
        api,
        system: Some(system),
    })
}
