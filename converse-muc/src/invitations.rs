//! Invitations to rooms: sent, received, accepted and declined.
//!
//! Direct ones (XEP-0249), which the inviter sends, and mediated ones (XEP-0045 §7.8.2), which the room passes on. Both to the
//! same room are one [`Invitation`].

mod actor;
mod api;
mod error;
mod handle;
mod message;
mod options;
mod pending;
mod received;
mod sent;
mod shared;
mod wire;

use std::sync::Arc;

use converse_core::contract::InvitationCopy;
use converse_core::plugin::PluginContext;
use converse_core::router::Route;
use converse_core::session::event::SessionStarted;
use converse_core::{BoxError, ns};

use crate::message::RoomStatusChanged;
use crate::model::Registry;
use crate::settings::{ALLOW_MUC, ALLOW_MUC_INVITATIONS};
use actor::InvitationsActor;
use shared::Invitations;

pub use error::InvitationError;
pub use handle::Invitation;
pub use message::{RoomInviteDeclined, RoomInviteFailed, RoomInviteReceived, RoomInviteSent};
pub use options::InviteOptions;

/// What invitations need of the plugin. With the settings `allow_muc` and `allow_muc_invitations` others are told that
/// the user can be invited, and are heard.
pub(crate) fn initialize(cx: &PluginContext, registry: &Arc<Registry>) -> Result<(), BoxError> {
    let invitations = Arc::new(Invitations::default());
    cx.provide(Arc::clone(&invitations));
    let settings = cx.settings();
    if !settings.read(&ALLOW_MUC)? || !settings.read(&ALLOW_MUC_INVITATIONS)? {
        return Ok(());
    }
    cx.features().add(wire::DIRECT);
    let actor = InvitationsActor::new(cx.api(), Arc::clone(registry), invitations);
    let actor = cx
        .spawn(actor)
        .hears::<SessionStarted>()
        .hears::<RoomStatusChanged>()
        .hears::<InvitationCopy>();
    // Anybody may invite: who it was decides what becomes of it.
    let messages = || Route::message().of_type(wire::TYPES);
    cx.route(messages().with_child("x", ns::MUC_USER), &actor)?;
    // Old services put a direct invitation beside the mediated one, which must not come twice.
    let direct = messages().with_child("x", wire::DIRECT);
    cx.route(direct.without_child_ns(ns::MUC_USER), &actor)?;
    cx.route(Route::message().of_type(["error"]), &actor)?;
    Ok(())
}
