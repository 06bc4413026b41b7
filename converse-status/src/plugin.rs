//! The table of contents: what the plugin hears, answers and provides.

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::contract::RosterContactsFetched;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::session::event::{Disconnected, SessionStarted};

use crate::actor::StatusActor;
use crate::message::SetStatus;
use crate::model::Own;

/// The plugin `converse-status`; it keeps the promise `statusInitialized`.
#[derive(Debug)]
pub struct StatusPlugin;

#[converse_plugin]
impl Plugin for StatusPlugin {
    const NAME: &'static str = "converse-status";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let own = Arc::new(Own::default());
        cx.provide(Arc::clone(&own));
        cx.spawn(StatusActor::new(cx.api(), own))
            .hears::<SessionStarted>()
            .hears::<RosterContactsFetched>()
            .hears::<Disconnected>()
            .answers::<SetStatus>()?;
        Ok(())
    }
}
