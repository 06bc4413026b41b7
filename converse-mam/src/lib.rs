//! The archive grouping: queries of message archives (XEP-0313).
//!
//! XEPs: 0313 (Message Archive Management, 1.1), 0441 (its preferences), 0059 (Result Set Management), 0297 (Stanza Forwarding).
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`model`], [`error`], [`ns`].
//!
//! What is here asks archives and hands back what they hold, to applications through [`Archive`], and to the groupings that keep
//! conversations through [`FetchArchive`](converse_core::contract::FetchArchive). By itself it asks nothing but that the server
//! archive what the setting `message_archiving` says.
//!
//! ```no_run
//! use converse_core::prelude::*;
//! use converse_mam::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), BoxError> {
//! let query = Query::new().with("juliet@capulet.example".parse::<BareJid>()?).max(10);
//! let mut page = api.archive().query(query).await?;
//! while !page.messages.is_empty() {
//!     for message in &page.messages {
//!         println!("{:?} {}", message.time, message.body().unwrap_or_default());
//!     }
//!     page = api.archive().query(page.rsm.next(10)).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
mod asking;
mod collecting;
pub mod error;
pub mod message;
pub mod model;
pub mod ns;
pub mod plugin;
mod preferring;
mod settings;
mod support;
mod tasks;
mod turns;
mod wire;

pub use api::{Archive, ArchiveExt, Pages};
pub use error::ArchiveError;
pub use message::ArchivingNotSet;
pub use model::{
    ArchiveEdge, ArchivedMessage, ArchivingDefault, Metadata, Page, Preferences, Progress, Query,
    Rsm,
};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Archive, ArchiveExt, Pages};
    pub use crate::message::ArchivingNotSet;
    pub use crate::model::{
        ArchivedMessage, ArchivingDefault, Page, Preferences, Progress, Query, Rsm,
    };
    pub use converse_core::disco::ServiceDiscovered;
}
