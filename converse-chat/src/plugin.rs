//! The table of contents: what the plugin hears, announces and provides.

use std::sync::Arc;

use converse_core::api::StoreCleared;
use converse_core::contract::RoomDirectory;
use converse_core::disco::ServiceDiscovered;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::{Route, Sender, Senders};
use converse_core::session::Checkpoint;
use converse_core::session::event::SessionStarted;
use converse_core::{BoxError, Error, ns};
use converse_messages::outbox::{LaneKind, Outbox};
use serde_json::Value;

use crate::actor::ChatActor;
use crate::api::Chat;
use crate::line::ChatLine;
use crate::model::Registry;
use crate::settings::SYNCHRONIZE_DISPLAYED;
use crate::sharing;

/// What this client can do with messages.
const FEATURES: [&str; 12] = [
    ns::CHAT_STATES,
    ns::RECEIPTS,
    ns::CHAT_MARKERS,
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
        hear_window(cx, &registry);
        if cx.settings().read(&SYNCHRONIZE_DISPLAYED)? {
            hear_displayed(cx, &registry)?;
        }
        serve_outbox(cx, &registry);
        let actor = cx
            .spawn(ChatActor::new(cx.api(), registry))
            .hears::<SessionStarted>()
            .hears::<ServiceDiscovered>()
            .hears::<StoreCleared>()
            .hooks::<Checkpoint>();
        // Who else may write is for the actor to say: it depends on a setting.
        let people = Sender::NotAmong(rooms(cx));
        cx.route(Route::message().from(people.clone()), &actor)?;
        cx.route(Route::message().of_type(["error"]).from(people), &actor)?;
        Ok(())
    }
}

/// The rooms in which the user is, once there is a plugin that keeps them: what their occupants write is nobody's chat.
fn rooms(cx: &PluginContext) -> Senders {
    let api = cx.api();
    Senders::new(move |jid| {
        let rooms = api.provided::<RoomDirectory>();
        rooms.is_some_and(|rooms| rooms.contains(jid))
    })
}

/// Says how chats are found in which something waits to be sent.
fn serve_outbox(cx: &PluginContext, registry: &Arc<Registry>) {
    let (api, registry) = (cx.api(), Arc::clone(registry));
    Outbox::of(cx).serve(LaneKind::Chat, move |lane| {
        let line = ChatLine {
            api: api.clone(),
            registry: Arc::clone(&registry),
            jid: lane.address().parse().ok()?,
        };
        Some(Arc::new(line))
    });
}

/// Hears what was displayed with the account's other clients (XEP-0490 §4.3).
fn hear_displayed(cx: &PluginContext, registry: &Arc<Registry>) -> Result<(), Error> {
    let (api, registry) = (cx.api(), Arc::clone(registry));
    cx.pubsub()
        .on(ns::MDS_DISPLAYED, Sender::OwnAccount, move |event| {
            sharing::take(&api, &registry, &event.from, &event.items);
            async { Ok(()) }
        })?;
    Ok(())
}

/// Hears from the application, by `windowStateChanged` with the state `hidden` or `visible`, whether the user can see it at all.
fn hear_window(cx: &PluginContext, registry: &Arc<Registry>) {
    let (api, registry) = (cx.api(), Arc::clone(registry));
    cx.listen().on_sync("windowStateChanged", move |event| {
        match event.arg(0).get("state").and_then(Value::as_str) {
            Some("hidden") => registry.focus.set_away(true),
            Some("visible") => {
                registry.focus.set_away(false);
                Chat::return_to_all(&api, &registry);
            }
            _ => {}
        }
        Ok(())
    });
}
