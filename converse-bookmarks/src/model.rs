//! Plain state and rules.

mod bookmark;
mod places;
mod table;

pub use bookmark::Bookmark;
pub(crate) use places::{Offer, Place};
pub(crate) use table::{Change, Kept, News, Outcome, Table, Ticket, Written, merge};
