//! Finding rooms: which services the server has, which rooms are there, what they say about themselves, and searching
//! (XEP-0045 §6, XEP-0059, XEP-0433).

mod actor;
mod api;
mod error;
mod limits;
mod listed;
mod message;
mod paging;
mod search;
mod searching;
mod shared;
mod wire;

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::plugin::PluginContext;
use converse_core::session::event::SessionStarted;

use actor::FindingActor;
use shared::Finding;

pub use error::FindError;
pub use listed::{ListedRoom, RoomPage, RoomService};
pub use message::RoomsListed;
pub use paging::Paging;
pub use search::{FoundRoom, SearchOrder, SearchPage, SearchQuery};

/// What finding rooms needs of the plugin: somebody who lists them after login, if the setting `auto_list_rooms` says so.
pub(crate) fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
    let finding = Arc::new(Finding::default());
    cx.provide(Arc::clone(&finding));
    let actor = FindingActor::new(cx.api(), finding);
    let _actor = cx.spawn(actor).hears::<SessionStarted>();
    Ok(())
}
