//! Elements to model and back.

mod attachment;
mod fallback;
mod ids;
pub mod markers;
mod moderation;
mod read;
mod reference;
mod write;

pub use ids::usable;
pub use moderation::{moderate, occupant_id};
pub use read::{Envelope, Incoming, read};
pub use write::{active, chat_state, message, reactions, retraction};

#[cfg(test)]
mod tests;
