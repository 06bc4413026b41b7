//! The roster grouping: contacts, their presence, and the requests of those who want to become one.
//!
//! RFC 6121 §2 (roster), §3 (subscriptions) and §4 (presence); names in requests are those of XEP-0172.
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`model`], [`cache`], [`error`]. The contacts of an account are kept in
//! a table that one actor writes and everybody reads without waiting:
//!
//! ```no_run
//! use converse_core::prelude::*;
//! use converse_roster::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), converse_core::Error> {
//! api.wait_until("rosterContactsFetched").await?;
//! for contact in api.contacts().all() {
//!     println!("{} is {}", contact.fullname, contact.chat_status);
//! }
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
pub mod cache;
pub mod error;
pub mod message;
pub mod model;
pub mod plugin;
mod settings;
mod wire;

pub use api::{AddOptions, Contacts, ContactsExt};
pub use error::RosterError;
pub use model::{
    Ask, Attributes, ChatStatus, Contact, GroupName, Groups, Resource, Resources, RosterItem,
    ShownGroup,
};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{AddOptions, Contacts, ContactsExt};
    pub use crate::message::{
        ContactOffline, ContactOnline, ContactProfileChanged, ContactRemoved, ContactRequest,
        ContactRequestFailed, ContactRequestWithdrawn, ContactStatusChanged,
        ContactStatusMessageChanged, ContactSubscribed, ContactUnsubscribed, Roster, RosterPush,
    };
    pub use crate::model::{ChatStatus, Contact, GroupName};
}
