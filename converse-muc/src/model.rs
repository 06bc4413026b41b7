//! Rooms, occupants and messages; no actor, no I/O.

mod attendance;
mod attributes;
mod auto_join;
mod details;
mod hat;
mod info;
mod joining;
mod markers;
mod occupant;
mod occupants;
mod options;
mod presence;
mod registry;
mod room;
mod status;
mod status_code;
mod subject;
mod talk;
mod visit;
mod visitors;
mod writers;

pub(crate) use attendance::Verdict;
pub(crate) use auto_join::AutoJoin;
pub use details::RoomDetails;
pub use hat::Hat;
pub use info::{RoomFeature, RoomInfo};
pub(crate) use joining::{Due, Step, Turnstile};
pub use occupant::{Affiliation, Occupant, OccupantAttributes, OccupantId, Role};
pub use options::RoomOptions;
pub(crate) use presence::{About, Change, Item, PresenceKind, Removal, RoomPresence};
pub(crate) use registry::MAX_ROOMS;
pub(crate) use registry::Registry;
pub(crate) use room::{Attempt, Opened, Renaming, State};
pub use status::{ConnectionStatus, Disconnection};
pub use status_code::StatusCode;
pub use subject::Subject;
