//! Chats and messages; no actor, no I/O.

mod conversation;
mod history;
mod message;
mod registry;
mod typing;

pub(crate) use conversation::{Conversation, Kind, State};
pub use message::{ChatState, Delivery, Message, MessageError, MessageId, MessageKind, SentBy};
pub(crate) use registry::Registry;
pub(crate) use typing::Typing;
