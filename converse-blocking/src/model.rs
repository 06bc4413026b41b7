//! The block list and reports; no actor, no I/O.

mod blocked;
mod report;

pub(crate) use blocked::{Blocked, Change, Difference, Ticket};
pub use report::{Reason, Report};
