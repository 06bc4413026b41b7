//! The table of contents: what the plugin hears, answers, announces and provides.

use std::sync::Arc;

use converse_core::api::StoreCleared;
use converse_core::contract::{EnterRoom, LeaveRoom, OccupantCopy, OwnPresence, RoomDirectory};
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::{Route, Sender, Senders};
use converse_core::session::Checkpoint;
use converse_core::session::event::{Disconnected, SessionStarted, SessionStateChanged};
use converse_core::{BoxError, ns};
use converse_messages::outbox::{LaneKind, Line, Outbox};
use serde_json::Value;

use crate::actor::MucActor;
use crate::api::Room;
use crate::finding;
use crate::invitations;
use crate::line::{PrivateLine, RoomLine};
use crate::message::{ChangeNick, CloseRoom, JoinRoom, OpenRoom, Wake};
use crate::model::Registry;
use crate::settings::{ALLOW_MUC, AUTO_JOIN_ROOMS, MUC_DISABLE_MODERATOR_COMMANDS};
use crate::wire;

/// What this client can do in rooms; much of it it says of chats too.
const FEATURES: [&str; 11] = [
    wire::MUC,
    ns::CHAT_STATES,
    ns::CHAT_MARKERS,
    ns::CORRECTION,
    ns::RETRACTION,
    ns::MODERATION,
    ns::REACTIONS,
    ns::REPLY,
    ns::FALLBACK,
    ns::REFERENCE,
    ns::STYLING,
];

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
        let visited = Arc::clone(&registry);
        cx.provide(RoomDirectory::new(move |jid| visited.is_visited(jid)));
        let present = Arc::downgrade(&registry);
        cx.api().disco().ask_for_occupants(move |jid| {
            let room = present.upgrade()?.of(jid)?;
            let state = room.any();
            state.occupants.get(jid.resource().as_str())?.caps.clone()
        });
        let open = Arc::clone(&registry);
        let rooms = Sender::Among(Senders::new(move |jid| open.may_contain(jid)));
        cx.promises().add("roomsPanelRendered");
        if cx.settings().read(&ALLOW_MUC)? {
            for feature in FEATURES {
                cx.features().add(feature);
            }
        }
        // What is wrong with it is better known now than after login.
        cx.settings().read(&AUTO_JOIN_ROOMS)?;
        cx.settings()
            .read(&MUC_DISABLE_MODERATOR_COMMANDS)?
            .check()?;
        hear_window(cx, &registry);
        serve_outbox(cx, &registry);
        let actor = cx
            .spawn_with(|me| MucActor::new(cx.api(), me.clone(), registry))
            .hears::<SessionStarted>()
            .hears::<SessionStateChanged>()
            .hears::<Disconnected>()
            .hears::<StoreCleared>()
            .hears::<OwnPresence>()
            .hears::<OccupantCopy>()
            .hooks::<Checkpoint>()
            .answers::<OpenRoom>()?
            .answers::<JoinRoom>()?
            .answers::<CloseRoom>()?
            .answers::<ChangeNick>()?
            .answers::<EnterRoom>()?
            .answers::<LeaveRoom>()?
            .answers::<Wake>()?;
        for route in [Route::presence(), Route::message()] {
            cx.route(route.clone().from(rooms.clone()), &actor)?;
            cx.route(route.of_type(["error"]).from(rooms.clone()), &actor)?;
        }
        Ok(())
    }
}

/// Hears from the application, by `windowStateChanged` with the state `hidden` or `visible`, whether the user can see it at all.
fn hear_window(cx: &PluginContext, registry: &Arc<Registry>) {
    let (api, registry) = (cx.api(), Arc::clone(registry));
    cx.listen().on_sync("windowStateChanged", move |event| {
        match event.arg(0).get("state").and_then(Value::as_str) {
            Some("hidden") => registry.set_away(true),
            Some("visible") => {
                registry.set_away(false);
                Room::return_to_all(&api, &registry);
            }
            _ => {}
        }
        Ok(())
    });
}

/// Says how the conversations are found in which something waits to be sent.
fn serve_outbox(cx: &PluginContext, registry: &Arc<Registry>) {
    let outbox = Outbox::of(cx);
    let (api, rooms) = (cx.api(), Arc::clone(registry));
    outbox.serve(LaneKind::Room, move |lane| {
        let line = RoomLine::find(&api, &rooms, lane.address())?;
        Some(Arc::new(line) as Arc<dyn Line>)
    });
    let (api, rooms) = (cx.api(), Arc::clone(registry));
    outbox.serve(LaneKind::Private, move |lane| {
        let line = PrivateLine::find(&api, &rooms, lane.address())?;
        Some(Arc::new(line) as Arc<dyn Line>)
    });
}
