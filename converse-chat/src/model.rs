//! Chats; no actor, no I/O. What a message is, and what becomes of it, is `converse-messages`.

mod archive;
mod conversation;
mod focus;
mod kept;
mod locked;
mod registry;

pub(crate) use conversation::{Conversation, Kind, State};
pub(crate) use kept::{CHATS, Kept, Row};
pub(crate) use registry::Registry;
