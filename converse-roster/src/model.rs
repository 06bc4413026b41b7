//! Contacts and the rules by which presence becomes a status; no actor, no I/O.

mod book;
mod contact;
mod presence;

pub(crate) use book::{Book, Change};
pub use contact::{Ask, Attributes, Contact, RosterItem};
pub use presence::{ChatStatus, Resource};
