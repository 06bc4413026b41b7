//! The table of contents: what the plugin hears, announces and provides.

use std::sync::Arc;

use converse_core::disco::ServiceDiscovered;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::Route;
use converse_core::session::event::SessionStarted;
use converse_core::{BoxError, ns};

use crate::actor::ChatActor;
use crate::model::Registry;

/// What this client can do with messages.
const FEATURES: [&str; 10] = [
    ns::CHAT_STATES,
    ns::CORRECTION,
    ns::RETRACTION,
    ns::REACTIONS,
    ns::REPLY,
    ns::FALLBACK,
    ns::REFERENCE,
    ns::STYLING,
    ns::OOB,
    ns::FILE_SHARING,
];

/// The plugin `converse-chat`; it keeps the promise `chatBoxesFetched`.
#[derive(Debug)]
pub struct ChatPlugin;

#[converse_plugin]
impl Plugin for ChatPlugin {
    const NAME: &'static str = "converse-chat";
    const AFTER: &'static [&'static str] = &["converse-roster"];

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let registry = Arc::new(Registry::default());
        cx.provide(Arc::clone(&registry));
        for feature in FEATURES {
            cx.features().add(feature);
        }
        let actor = cx
            .spawn(ChatActor::new(cx.api(), registry))
            .hears::<SessionStarted>()
            .hears::<ServiceDiscovered>();
        // Who may write is for the actor to say: it depends on a setting.
        cx.route(Route::message(), &actor)?;
        cx.route(Route::message().of_type(["error"]), &actor)?;
        Ok(())
    }
}
