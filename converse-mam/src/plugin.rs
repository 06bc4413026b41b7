//! The table of contents: what the plugin provides.

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::contract::FetchArchive;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::session::event::{Disconnected, SessionStarted};

use crate::actor::{ArchiveActor, Archives};
use crate::turns::Turns;

/// The plugin `converse-mam`. Each query has a route of its own while it runs.
#[derive(Debug)]
pub struct ArchivePlugin;

#[converse_plugin]
impl Plugin for ArchivePlugin {
    const NAME: &'static str = "converse-mam";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let turns = Arc::new(Turns::default());
        let actor = cx.spawn_with(|actor| {
            let archives = Archives {
                actor: actor.clone(),
                turns: Arc::clone(&turns),
            };
            ArchiveActor::new(cx.api(), archives)
        });
        let actor = actor
            .hears::<SessionStarted>()
            .hears::<Disconnected>()
            .answers::<FetchArchive>()?;
        cx.provide(Archives { actor, turns });
        Ok(())
    }
}
