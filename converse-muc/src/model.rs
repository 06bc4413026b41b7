//! Rooms, occupants and messages; no actor, no I/O.

mod details;
mod history;
mod info;
mod message;
mod occupant;
mod options;
mod presence;
mod registry;
mod room;
mod status;

pub use details::RoomDetails;
pub use info::{RoomFeature, RoomInfo};
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
