//! The table of contents: what the plugin hears, answers, announces and provides.

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::Route;
use converse_core::session::event::{Disconnected, SessionStarted};

use crate::actor::MucActor;
use crate::finding;
use crate::invitations;
use crate::message::{ChangeNick, CloseRoom, JoinRoom, OpenRoom};
use crate::model::Registry;
use crate::settings::ALLOW_MUC;
use crate::wire;

/// The plugin `converse-muc`; it keeps the promise `roomsPanelRendered` when rooms can be opened.
#[derive(Debug)]
pub struct MucPlugin;

#[converse_plugin]
impl Plugin for MucPlugin {
    const NAME: &'static str = "converse-muc";
    const AFTER: &'static [&'static str] = &["converse-roster", "converse-chat"];

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let registry = Arc::new(Registry::default());
        cx.provide(Arc::clone(&registry));
        invitations::initialize(cx, &registry)?;
        finding::initialize(cx)?;
        cx.promises().add("roomsPanelRendered");
        if cx.settings().read(&ALLOW_MUC)? {
            cx.features().add(wire::MUC);
        }
        let actor = cx
            .spawn_with(|me| MucActor::new(cx.api(), me.clone(), registry))
            .hears::<SessionStarted>()
            .hears::<Disconnected>()
            .answers::<OpenRoom>()?
            .answers::<JoinRoom>()?
            .answers::<CloseRoom>()?
            .answers::<ChangeNick>()?;
        // Which rooms are open changes all the time: the actor looks the sender up before anything else.
        cx.route(Route::presence(), &actor)?;
        cx.route(Route::presence().of_type(["error"]), &actor)?;
        cx.route(Route::message().of_type(["groupchat", "error"]), &actor)?;
        Ok(())
    }
}
