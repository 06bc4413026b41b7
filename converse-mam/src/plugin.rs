//! The table of contents: what the plugin hears and provides.

use converse_core::BoxError;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::session::event::SessionStarted;

use crate::actor::{ArchiveActor, Archives};
use crate::support::Support;

/// The plugin `converse-mam`. Each query has a route of its own while it runs.
#[derive(Debug)]
pub struct ArchivePlugin;

#[converse_plugin]
impl Plugin for ArchivePlugin {
    const NAME: &'static str = "converse-mam";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let support = Support::default();
        let actor = cx
            .spawn_with(|me| ArchiveActor::new(cx.api(), support.clone(), me.clone()))
            .hears::<SessionStarted>();
        cx.provide(Archives { support, actor });
        Ok(())
    }
}
