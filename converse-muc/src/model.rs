//! Rooms, occupants and messages; no actor, no I/O.

mod attendance;
mod attributes;
mod auto_join;
mod details;
mod history;
mod info;
mod joining;
mod message;
mod occupant;
mod occupants;
mod options;
mod presence;
mod registry;
mod room;
mod status;
mod status_code;
mod visit;

pub(crate) use attendance::Verdict;
pub(crate) use auto_join::AutoJoin;
pub use details::RoomDetails;
pub use info::{RoomFeature, RoomInfo};
pub(crate) use joining::{Due, Step, Turnstile};
pub use message::{
    RoomDelivery, RoomMessage, RoomMessageError, RoomMessageId, RoomSender, Subject,
};
pub use occupant::{Affiliation, Occupant, Role};
pub use options::RoomOptions;
pub(crate) use presence::{Change, Item, PresenceKind, Removal, RoomPresence};
pub(crate) use registry::MAX_ROOMS;
pub(crate) use registry::Registry;
pub(crate) use room::{Attempt, Opened, Renaming, Taken};
pub use status::{ConnectionStatus, Disconnection};
pub use status_code::StatusCode;
