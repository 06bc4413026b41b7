//! Queries and what they give; no actor, no I/O.

mod collected;
mod date;
mod metadata;
mod options;
mod page;
mod preferences;
mod progress;
mod query;
mod rsm;
mod trail;

pub(crate) use collected::Collected;
pub(crate) use date::{date_text, read as read_date};
pub use metadata::{ArchiveEdge, Metadata};
pub use page::{ArchivedMessage, Page};
pub use preferences::{ArchivingDefault, Preferences};
pub use progress::Progress;
pub use query::Query;
pub use rsm::Rsm;
pub(crate) use trail::Trail;
