//! The table of contents: what the plugin provides.

use converse_core::BoxError;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;

use crate::actor::{ArchiveActor, Archives};

/// The plugin `converse-mam`. Each query has a route of its own while it runs.
#[derive(Debug)]
pub struct ArchivePlugin;

#[converse_plugin]
impl Plugin for ArchivePlugin {
    const NAME: &'static str = "converse-mam";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let actor = cx.spawn(ArchiveActor);
        cx.provide(Archives { actor });
        Ok(())
    }
}
