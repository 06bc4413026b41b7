//! The status grouping: the user's own presence (RFC 6121 §4).
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
pub mod api;
pub mod error;
pub mod message;
pub mod model;
pub mod plugin;
mod settings;
mod wire;

pub use api::{StatusExt, StatusMessage, UserStatus};
pub use error::StatusError;
pub use model::Status;

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{StatusExt, StatusMessage, UserStatus};
    pub use crate::message::{StatusChanged, StatusInitialized, StatusMessageChanged};
    pub use crate::model::Status;
}
