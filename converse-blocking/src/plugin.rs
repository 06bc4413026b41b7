//! The table of contents: what the plugin hears, answers and provides.

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::api::StoreCleared;
use converse_core::contract::BlockList;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::{Route, Sender};
use converse_core::session::event::{Disconnected, SessionStarted};
use jid::Jid;

use crate::actor::{BlockingActor, Support};
use crate::api::Shared;
use crate::message::ServerKnown;
use crate::model::Blocked;
use crate::ns;

/// The plugin `converse-blocking`; it keeps the promise `blocklistInitialized` where the server blocks.
#[derive(Debug)]
pub struct BlockingPlugin;

#[converse_plugin]
impl Plugin for BlockingPlugin {
    const NAME: &'static str = "converse-blocking";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        // Somebody may wait for it before the list has come.
        cx.promises().add_per_session("blocklistInitialized");
        let blocked = Arc::new(Blocked::default());
        let list = Arc::clone(&blocked);
        cx.provide(BlockList::new(move |jid| {
            list.is_blocked(&Jid::from(jid.clone()))
        }));

        let support = Support::default();
        let (state, told) = (Arc::clone(&blocked), support.clone());
        let actor = cx
            .spawn_with(|me| BlockingActor::new(cx.api(), me.clone(), state, told))
            .hears::<SessionStarted>()
            .hears::<Disconnected>()
            .hears::<StoreCleared>()
            .answers::<ServerKnown>()?;
        // Only the own account may change the list.
        cx.route_requests(Route::iq_set(ns::BLOCKING).from(Sender::OwnAccount), &actor)?;
        let refusals = ["error"];
        cx.route(Route::message().of_type(refusals), &actor)?;
        cx.route(Route::presence().of_type(refusals), &actor)?;
        cx.provide(Shared {
            blocked,
            actor,
            support,
        });
        Ok(())
    }
}
