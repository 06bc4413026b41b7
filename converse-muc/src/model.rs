//! Rooms, occupants and messages; no actor, no I/O.

mod hat;
mod info;
mod markers;
mod occupant;
mod occupants;
mod options;
mod presence;
mod registry;
mod room;
mod status;
mod subject;
mod talk;
mod visitors;
mod writers;

pub use hat::Hat;
pub use info::{RoomFeature, RoomInfo};
pub use occupant::{Affiliation, Occupant, OccupantAttributes, OccupantId, Role};
pub use options::RoomOptions;
pub(crate) use presence::{About, Change, Item, PresenceKind, Removal, RoomPresence};
pub(crate) use registry::MAX_ROOMS;
pub(crate) use registry::Registry;
pub(crate) use room::{Attempt, Opened, Renaming, State};
pub use status::{ConnectionStatus, Disconnection};
pub use subject::Subject;
