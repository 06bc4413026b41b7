//! The table of contents: what the plugin hears, answers and provides.

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::api::StoreCleared;
use converse_core::contract::FetchPicture;
use converse_core::plugin::{Plugin, PluginContext};
use converse_core::prelude::converse_plugin;
use converse_core::router::{Route, Sender};
use converse_core::session::event::{Disconnected, SessionStarted};

use crate::actor::ProfileActor;
use crate::api::Shared;
use crate::message::{
    Fetch, FetchNext, Fetched, OwnCard, PictureFetched, Published, ServicesKnown,
};
use crate::{ns, wire};

/// The plugin `converse-vcard`.
#[derive(Debug)]
pub struct VCardPlugin;

#[converse_plugin]
impl Plugin for VCardPlugin {
    const NAME: &'static str = "converse-vcard";

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let shared = Shared::default();
        let actor = cx
            .spawn(ProfileActor::new(cx.api(), shared.clone()))
            .hears::<SessionStarted>()
            .hears::<Disconnected>()
            .hears::<StoreCleared>()
            .answers::<Fetch>()?
            .answers::<Fetched>()?
            .answers::<FetchNext>()?
            .answers::<FetchPicture>()?
            .answers::<PictureFetched>()?
            .answers::<ServicesKnown>()?
            .answers::<OwnCard>()?
            .answers::<Published>()?;

        // Only contacts and the own account are listened to: whatever a stranger says costs nothing.
        for node in [ns::AVATAR_METADATA, ns::NICK] {
            cx.route(Route::pep(node).from(Sender::Contact), &actor)?;
            cx.features().notify(node);
        }
        let presence = Route::presence()
            .of_type(["available"])
            .with_child("x", ns::UPDATE);
        cx.route(presence.from(Sender::Contact), &actor)?;

        let photo = Arc::clone(&shared.photo);
        cx.presence_payloads()
            .add(ns::UPDATE, move || Some(wire::update(&photo.get())));
        cx.provide(shared);
        Ok(())
    }
}
