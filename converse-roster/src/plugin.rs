//! The table of contents: what the plugin hears, answers and provides.

use std::sync::Arc;

use converse_core::api::StoreCleared;
use converse_core::contract::{ContactDirectory, ProfileChanged, StatusInitialized};
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::{Route, Sender};
use converse_core::session::Checkpoint;
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::{BoxError, ns};

use crate::actor::RosterActor;
use crate::message::EndRequest;
use crate::model::Book;
use crate::wire;

/// The plugin `converse-roster`.
///
/// | promises kept | events |
/// |---|---|
/// | `rosterInitialized`, `rosterGroupsFetched`, `roster`, `rosterContactsFetched`, `cachedRoster` | see [`message`](crate::message) |
#[derive(Debug)]
pub struct RosterPlugin;

#[converse_plugin]
impl Plugin for RosterPlugin {
    const NAME: &'static str = "converse-roster";
    const AFTER: &'static [&'static str] = &["converse-status"];

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let book = Arc::new(Book::default());
        cx.provide(Arc::clone(&book));
        let directory = Arc::clone(&book);
        cx.provide(ContactDirectory::new(move |jid| directory.standing(jid)));
        let contacts = Arc::clone(&book);
        cx.set_contacts(move |jid| contacts.is_contact(jid));

        let actor = cx
            .spawn_with(|me| RosterActor::new(cx.api(), me.clone(), book))
            .hears::<SessionStarted>()
            .hears::<StatusInitialized>()
            .hears::<Disconnected>()
            .hears::<StoreCleared>()
            .hears::<ProfileChanged>()
            .hooks::<Checkpoint>()
            .answers::<EndRequest>()?;
        // RFC 6121 §2.1.6: only the own account may change the roster.
        cx.route_requests(Route::iq_set(ns::ROSTER).from(Sender::OwnAccount), &actor)?;
        // Nobody in a room is there as a contact (XEP-0045), and rooms can be large.
        let people = Route::presence()
            .without_child_ns(wire::MUC)
            .without_child_ns(ns::MUC_USER);
        cx.route(people, &actor)?;
        // An error is no presence: it changes nothing that is known, but a request may have failed.
        cx.route(Route::presence().of_type(["error"]), &actor)?;
        Ok(())
    }
}
