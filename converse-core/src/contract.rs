//! What two groupings share: facts and plain values, no behaviour.
//!
//! Grouping crates do not depend on one another. What one announces and another waits for is declared here, as soon as
//! there are two of them.

mod activity;
mod blocking;
mod chat_status;
mod contacts;
mod delay;
mod payloads;
mod profile;
pub mod rfc3339;
mod start;

pub use activity::UserActive;
pub use blocking::{BlockList, ContactBlocked, ContactUnblocked};
pub use chat_status::ChatStatus;
pub use contacts::{ContactDirectory, Standing, Subscription};
pub use delay::{sent_at, stamp};
pub use payloads::{PresencePayloadChanged, PresencePayloads};
pub use profile::{Profile, ProfileChanged};
pub use start::{RosterContactsFetched, StatusInitialized};
