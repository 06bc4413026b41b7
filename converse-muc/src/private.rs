//! Private chats with the occupants of a room (XEP-0045 §7.5).
//!
//! A private chat belongs to a room and is with whoever has a nick there; it follows him to another nick. Its messages are of
//! the shared model: corrections, retractions, reactions and chat states work as in other chats.
//!
//! Modules in reading order: [`api`], [`message`], `conversation`, `identity`, `table`, `keeping`, [`error`], `actor`.

mod actor;
pub mod api;
mod conversation;
pub mod error;
mod identity;
mod keeping;
pub mod message;
mod table;

pub use api::{PrivateChat, PrivateChats, PrivateComposer, PrivateMessages};
pub(crate) use conversation::Conversation;
pub use error::PrivateChatError;
pub(crate) use keeping::{KeptChat, restore};
pub(crate) use table::Table;
