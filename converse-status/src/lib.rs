//! The status grouping: the user's own presence (RFC 6121 §4), with the time of the last activity (XEP-0319, XEP-0012) and
//! client state indication (XEP-0352).
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`model`], [`error`].
//!
//! ```no_run
//! use converse_core::prelude::*;
//! use converse_status::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), converse_core::Error> {
//! api.user().status().set("dnd", "In a meeting").await?;
//! assert_eq!(api.user().status().get()?, Status::Dnd);
//! # Ok(())
//! # }
//! ```

mod actor;
mod alarm;
pub mod api;
pub mod error;
mod last;
pub mod message;
pub mod model;
pub mod plugin;
mod settings;
mod wire;

pub use api::{LastActivity, StatusExt, StatusMessage, UserStatus};
pub use error::StatusError;
pub use model::{OwnResource, Status};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{LastActivity, StatusExt, StatusMessage, UserStatus};
    pub use crate::message::{StatusChanged, StatusInitialized, StatusMessageChanged};
    pub use crate::model::{OwnResource, Status};
}
