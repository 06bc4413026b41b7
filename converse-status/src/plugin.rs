//! The table of contents: what the plugin hears, answers and provides.

use std::sync::Arc;

use converse_core::contract::{PresencePayloadChanged, RosterContactsFetched, UserActive};
use converse_core::plugin::{Plugin, PluginContext, PluginsInitialized};
use converse_core::prelude::converse_plugin;
use converse_core::router::{Route, Sender};
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::{BoxError, ns};

use crate::actor::StatusActor;
use crate::message::{SetStatus, Show, Wake};
use crate::model::Own;
use crate::settings::SHARE_IDLE_TIME;
use crate::{last, wire};

/// The plugin `converse-status`; it keeps the promise `statusInitialized`.
#[derive(Debug)]
pub struct StatusPlugin;

#[converse_plugin]
impl Plugin for StatusPlugin {
    const NAME: &'static str = "converse-status";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let own = Arc::new(Own::default());
        cx.provide(Arc::clone(&own));
        let actor = cx
            .spawn(StatusActor::new(cx.api(), Arc::clone(&own)))
            .hears::<PluginsInitialized>()
            .hears::<SessionStarted>()
            .hears::<RosterContactsFetched>()
            .hears::<Disconnected>()
            .hears::<UserActive>()
            .hears::<PresencePayloadChanged>()
            .answers::<Wake>()?
            .answers::<SetStatus>()?
            .answers::<Show>()?;
        cx.route(Route::presence().from(Sender::OwnResource), &actor)?;
        tell_idle_time(cx, own)
    }
}

/// Tells those who see the user for how long nobody has been there, if the user lets them know.
fn tell_idle_time(cx: &PluginContext, own: Arc<Own>) -> Result<(), BoxError> {
    let (settings, idle) = (cx.settings(), Arc::clone(&own));
    cx.presence_payloads().add("idle", move || {
        let share = settings.read(&SHARE_IDLE_TIME).unwrap_or(false);
        let automatic = idle.automatic().filter(|_| share)?;
        Some(wire::idle(automatic.since))
    });
    if cx.settings().read(&SHARE_IDLE_TIME)? {
        cx.features().add(ns::LAST);
    }
    let api = cx.api();
    cx.answer(Route::iq_get(ns::LAST), move |request| {
        let (api, own) = (api.clone(), Arc::clone(&own));
        async move { last::answer(&api, &own, &request) }
    })?;
    Ok(())
}
