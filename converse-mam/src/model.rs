//! Queries and what they give; no actor, no I/O.

mod collected;
mod date;
mod options;
mod page;
mod query;
mod rsm;

pub(crate) use collected::Collected;
pub(crate) use date::date_text;
pub use page::{ArchivedMessage, Page};
pub use query::Query;
pub use rsm::Rsm;
