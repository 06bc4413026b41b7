//! What two groupings share: facts and plain values, no behaviour.
//!
//! Grouping crates do not depend on one another. What one announces and another waits for is declared here, as soon as
//! there are two of them.

mod activity;
mod contacts;
mod delay;
mod payloads;
pub mod rfc3339;
mod start;

pub use activity::UserActive;
pub use contacts::{ContactDirectory, Standing, Subscription};
pub use delay::sent_at;
pub use payloads::{PresencePayloadChanged, PresencePayloads};
pub use start::{RosterContactsFetched, StatusInitialized};
