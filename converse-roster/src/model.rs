//! Contacts and the rules by which presence becomes a status; no actor, no I/O.

mod book;
mod contact;
mod groups;
mod item;
mod pictures;
mod presence;
mod resources;
mod shown;

pub(crate) use book::{Book, Change, Replaced};
pub use contact::{Attributes, Contact};
pub use converse_core::contract::ChatStatus;
pub use groups::Groups;
pub use item::{Ask, RosterItem};
pub(crate) use pictures::Pictures;
pub use presence::Resource;
pub use resources::Resources;
pub(crate) use shown::Shown;
pub use shown::{GroupName, ShownGroup};
