//! The user's own presence; no actor, no I/O.

mod idle;
mod own;
mod presence;
mod resource;
mod status;

pub(crate) use idle::IdleRules;
pub(crate) use own::{MOST_SHOWN_TO, Own};
pub(crate) use presence::Presence;
pub(crate) use resource::Client;
pub use resource::OwnResource;
pub use status::Status;
