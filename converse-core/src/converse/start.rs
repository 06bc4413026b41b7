//! The steps of a start, and of an end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::api::{Api, Parts};
use crate::bus::{Bus, BusConfig};
use crate::converse::{Outside, answers, pruning};
use crate::disco::Software;
use crate::error::{Error, ErrorKind};
use crate::plugin::{PluginContext, PluginDefinition, PluginError, PluginsInitialized, select};
use crate::router::Router;
use crate::session::{Login, Session, check_settings};
use crate::settings::{Settings, SettingsMap, keys};
use crate::store::Stores;

/// The promises of the 3.2 document that last for one session; groupings keep them.
const SESSION_PROMISES: [&str; 8] = [
    "cachedRoster",
    "chatBoxesFetched",
    "roster",
    "rosterContactsFetched",
    "rosterGroupsFetched",
    "rosterInitialized",
    "statusInitialized",
    "discoInitialized",
];

/// The promises that are kept once.
const PROMISES: [&str; 2] = ["pluginsInitialized", "initialized"];

/// Settings, bus, session, plugins, in this order; nothing is connected yet when it returns.
pub(crate) async fn start(
    settings: SettingsMap,
    registered: Vec<PluginDefinition>,
    outside: Outside,
) -> Result<Api, Error> {
    let settings = Settings::new(settings);
    let plugins = select(registered, &settings)?;
    let stores = match &outside.store {
        Some(store) => Stores::one(Arc::clone(store)),
        None => Stores::open(&settings, program(&outside)).await?,
    };
    let config = BusConfig {
        inbox_capacity: settings.read(&keys::INBOX_CAPACITY)?,
        ..BusConfig::default()
    };
    let bus = Bus::start(config);
    bus.promises().add(PROMISES);
    bus.promises().add_per_session(SESSION_PROMISES);
    let router = Router::default();
    let Outside {
        env,
        network,
        software,
        ..
    } = outside;
    let session = Session::start(
        settings.clone(),
        env.clone(),
        network,
        bus.clone(),
        router.clone(),
        Some(Arc::clone(&stores.store)).filter(|store| store.is_durable()),
    );
    let api = Api::new(Parts {
        bus,
        settings,
        env,
        session,
        router,
        stores,
    });
    if let Some(software) = software {
        api.features().set_software(software);
    }
    let outcome = set_up(&api, &plugins).await;
    if let Err(error) = outcome {
        api.stop().await;
        return Err(error);
    }
    Ok(api)
}

/// The name of the program that this is a part of.
fn program(outside: &Outside) -> &str {
    outside.software.as_ref().map_or("converse", Software::name)
}

async fn set_up(api: &Api, plugins: &[PluginDefinition]) -> Result<(), Error> {
    answers::answer_for_the_core(api)?;
    answers::hear_for_the_core(api)?;
    pruning::begin(api);
    for plugin in plugins {
        initialize(api, plugin)?;
    }
    api.settings().finish()?;
    refuse_what_cannot_be(&api.settings())?;
    let names: Vec<String> = plugins
        .iter()
        .map(|plugin| plugin.name().to_owned())
        .collect();
    api.set_plugins(names.clone());
    let announced = api
        .bus()
        .publish_wait(PluginsInitialized { plugins: names })
        .await;
    announced.map_err(|error| {
        Error::new(ErrorKind::Closed, "the instance stopped while it started").with_source(error)
    })
}

fn initialize(api: &Api, plugin: &PluginDefinition) -> Result<(), Error> {
    let name = plugin.name().to_owned();
    let cx = PluginContext::new(api, &name);
    match catch_unwind(AssertUnwindSafe(|| plugin.initialize(&cx))) {
        Ok(Ok(())) => {
            tracing::debug!(plugin = name, "the plugin is initialised");
            Ok(())
        }
        Ok(Err(source)) => Err(PluginError::Initialize {
            plugin: name,
            source,
        }
        .into()),
        Err(panic) => Err(PluginError::Panicked {
            plugin: name,
            reason: message_of(&*panic),
        }
        .into()),
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

/// Settings that make no session possible are refused before any traffic.
fn refuse_what_cannot_be(settings: &Settings) -> Result<(), Error> {
    check_settings(settings)?;
    let authentication = settings.read(&keys::AUTHENTICATION)?;
    let prebind = authentication == "prebind" || settings.read(&keys::PREBIND)?;
    if prebind || settings.read(&keys::AUTO_LOGIN)? {
        Login::from_settings(settings, None, None)?;
    }
    Ok(())
}

/// Logs in if the settings want it.
pub(crate) async fn log_in(api: &Api) -> Result<(), Error> {
    if !api.settings().read(&keys::AUTO_LOGIN)? {
        return Ok(());
    }
    api.user().login(()).await
}

/// Ends with the instance: when it was torn down, or the last handle is gone. Waiting for that keeps nothing alive.
pub(crate) fn until_over(api: &Api) -> impl Future<Output = ()> + use<> {
    let mut state = api.session().watch();
    let api = api.downgrade();
    async move {
        while state.changed().await.is_ok() {}
        if let Some(api) = api.upgrade() {
            api.stop().await;
        }
    }
}
