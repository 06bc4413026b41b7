//! Elements to model and back.

mod attachment;
mod fallback;
mod read;
mod write;

pub(crate) use read::{Envelope, Incoming, read};
pub(crate) use write::{active, chat_state, message, reactions, retraction};

#[cfg(test)]
mod tests;
