//! The vCard grouping: what people say about themselves.
//!
//! vCards (XEP-0054, and read only XEP-0292), avatars (XEP-0084, XEP-0153, XEP-0398) and nicknames (XEP-0172), the own and
//! others'.
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`model`], [`error`]. Nothing is fetched that nobody asks for, except the
//! avatar of a contact that has changed, one a second at most; what was fetched is kept, between runs too.
//!
//! ```no_run
//! use converse_core::prelude::*;
//! use converse_vcard::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), converse_core::Error> {
//! let juliet = api.vcard().get("juliet@capulet.example").await?;
//! println!("{:?} has her page at {:?}", juliet.fullname(), juliet.url());
//! if let Some(avatar) = api.vcard().avatar("juliet@capulet.example").await? {
//!     println!("{} bytes of {}", avatar.bytes.len(), avatar.type_);
//! }
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
mod cache;
pub mod error;
pub mod message;
pub mod model;
mod ns;
pub mod plugin;
mod settings;
mod wire;

pub use api::{VCardExt, VCards};
pub use error::VCardError;
pub use model::{Avatar, ImageError, ImageType, MAX_IMAGE_BYTES, VCard};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{VCardExt, VCards};
    pub use crate::message::{AvatarChanged, Profile, ProfileChanged};
    pub use crate::model::{Avatar, ImageType, VCard};
}
