//! The archive grouping: queries of message archives (XEP-0313).
//!
//! Modules in reading order: [`plugin`], [`api`], [`model`], [`error`], [`ns`].
//!
//! What is here asks archives and hands back what they hold. Nothing is fetched by itself: the histories of chats do not
//! grow by it yet.
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
pub mod model;
pub mod ns;
pub mod plugin;
mod settings;
mod support;
mod turns;
mod wire;

pub use api::{Archive, ArchiveExt};
pub use error::ArchiveError;
pub use model::{ArchivedMessage, Page, Query, Rsm};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Archive, ArchiveExt};
    pub use crate::model::{ArchivedMessage, Page, Query, Rsm};
    pub use converse_core::disco::ServiceDiscovered;
}
