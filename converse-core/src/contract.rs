//! What two groupings share: facts and plain values, no behaviour.
//!
//! Grouping crates do not depend on one another. What one announces and another waits for is declared here, as soon as
//! there are two of them.

mod activity;
mod archive;
mod blocking;
mod catching_up;
mod chat_status;
mod contacts;
mod delay;
mod invitation_copy;
mod occupant_copy;
mod own_presence;
mod payloads;
mod picture;
mod profile;
pub mod rfc3339;
mod room_directory;
mod rooms;
mod start;

pub use activity::UserActive;
pub use archive::{ArchivePage, Archived, AwaitedArchive, FetchArchive, PagePosition};
pub use blocking::{BlockList, ContactBlocked, ContactUnblocked};
pub use catching_up::{CatchingUp, CaughtUp, Missed};
pub use chat_status::ChatStatus;
pub use contacts::{ContactDirectory, Standing, Subscription};
pub use delay::{sent_at, stamp};
pub use invitation_copy::InvitationCopy;
pub use occupant_copy::{CopiedSide, OccupantCopy};
pub use own_presence::OwnPresence;
pub use payloads::{PresencePayloadChanged, PresencePayloads};
pub use picture::{AwaitedPicture, FetchPicture, Picture};
pub use profile::{Profile, ProfileChanged};
pub use room_directory::RoomDirectory;
pub use rooms::{EnterRoom, LeaveRoom};
pub use start::{RosterContactsFetched, StatusInitialized};
