//! The blocking grouping: whom the user wants to hear nothing from (XEP-0191), with reports of spam and abuse (XEP-0377).
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`model`], [`error`]. The server keeps the list and does the blocking; the
//! grouping mirrors the list, so that reading it takes no round trip:
//!
//! ```no_run
//! use converse_blocking::prelude::*;
//! use converse_core::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), converse_core::Error> {
//! api.blocking().block(["iago@venice.example", "spam.example"]).await?;
//! assert!(api.blocking().is_blocked("iago@venice.example")?);
//! api.blocking().unblock(["spam.example"]).await?;
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
pub mod error;
pub mod message;
pub mod model;
mod ns;
pub mod plugin;
mod wire;

pub use api::{Blocking, BlockingExt};
pub use error::BlockingError;
pub use model::{Reason, Report};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Blocking, BlockingExt};
    pub use crate::message::{BlockListFetched, ContactBlocked, ContactUnblocked, SendRefused};
    pub use crate::model::{Reason, Report};
}
