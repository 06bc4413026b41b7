//! Contacts and the rules by which presence becomes a status; no actor, no I/O.

mod book;
mod contact;
mod item;
mod presence;

pub(crate) use book::{Book, Change};
pub use contact::{Attributes, Contact};
pub use item::{Ask, RosterItem};
pub use presence::{ChatStatus, Resource};
