//! The table of contents: what the plugin hears, answers and provides.

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::api::StoreCleared;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::{Route, Sender};
use converse_core::session::event::{Disconnected, SessionStarted};

use crate::actor::{BookmarksActor, Support};
use crate::api::Shared;
use crate::message::{Changed, OfferKnown};
use crate::model::Table;
use crate::ns;
use crate::settings::ALLOW_BOOKMARKS;

/// The plugin `converse-bookmarks`; it keeps the promise `bookmarksInitialized`.
#[derive(Debug)]
pub struct BookmarksPlugin;

#[converse_plugin]
impl Plugin for BookmarksPlugin {
    const NAME: &'static str = "converse-bookmarks";
    // Who enters rooms has heard of a session before bookmarks want some entered.
    const AFTER: &'static [&'static str] = &["converse-muc"];

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        // Somebody may wait for it before the bookmarks have come.
        cx.promises().add_per_session("bookmarksInitialized");
        let allowed = cx.settings().read(&ALLOW_BOOKMARKS)?;
        let (table, support) = (Arc::new(Table::default()), Support::default());
        let (state, told) = (Arc::clone(&table), support.clone());
        let actor = cx
            .spawn_with(|me| BookmarksActor::new(cx.api(), me.clone(), state, told, allowed))
            .hears::<SessionStarted>()
            .hears::<Disconnected>()
            .hears::<StoreCleared>()
            .answers::<OfferKnown>()?
            .answers::<Changed>()?;
        if allowed {
            // Only the own account tells what the user has put down.
            for node in [ns::NATIVE, ns::LIST] {
                cx.route(Route::pep(node).from(Sender::OwnAccount), &actor)?;
            }
            // The list of older clients is followed where it is used.
            cx.features().notify(ns::NATIVE);
        }
        cx.provide(Shared::new(table, support));
        Ok(())
    }
}
