//! A framework for building XMPP clients out of actors and plugins, with the API of converse.js 3.2.
//!
//! Pick features, write a plugin, start:
//!
//! ```no_run
//! use converse::prelude::*;
//!
//! #[actix::main]
//! async fn main() -> Result<(), converse::Error> {
//!     let api = Converse::initialize(settings! {
//!         "jid": "romeo@montague.example",
//!         "password": "secret",
//!     })
//!     .await?;
//!     api.wait_until("rosterContactsFetched").await?;
//!     api.run_until_signal().await
//! }
//! ```
//!
//! This crate has no logic: each feature brings in one crate, whose name is the feature's.

/// The heart of the framework; most of it is in the [`prelude`].
pub use converse_core as core;
pub use converse_core::{Api, BoxError, Converse, Error, ErrorKind, Plugins, forms, ns, xml};

// Naming the crates is what links their plugins: an optional dependency that no source names is dropped.
#[cfg(feature = "blocking")]
pub use converse_blocking as blocking;
#[cfg(feature = "bookmarks")]
pub use converse_bookmarks as bookmarks;
#[cfg(feature = "chat")]
pub use converse_chat as chat;
#[cfg(feature = "mam")]
pub use converse_mam as mam;
#[cfg(feature = "muc")]
pub use converse_muc as muc;
#[cfg(feature = "roster")]
pub use converse_roster as roster;
#[cfg(feature = "sqlite")]
pub use converse_sqlite as sqlite;
#[cfg(feature = "status")]
pub use converse_status as status;
#[cfg(feature = "vcard")]
pub use converse_vcard as vcard;

/// What most programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use converse_core::prelude::*;

    #[cfg(feature = "blocking")]
    pub use converse_blocking::prelude::*;
    #[cfg(feature = "bookmarks")]
    pub use converse_bookmarks::prelude::*;
    #[cfg(feature = "chat")]
    pub use converse_chat::prelude::*;
    #[cfg(feature = "mam")]
    pub use converse_mam::prelude::*;
    #[cfg(feature = "muc")]
    pub use converse_muc::prelude::*;
    #[cfg(feature = "roster")]
    pub use converse_roster::prelude::*;
    #[cfg(feature = "sqlite")]
    pub use converse_sqlite::SqliteStore;
    #[cfg(feature = "status")]
    pub use converse_status::prelude::*;
    #[cfg(feature = "vcard")]
    pub use converse_vcard::prelude::*;
}

/// The examples of the README, compiled.
#[cfg(all(doctest, feature = "roster", feature = "chat"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// API-025: a chat has no `initiate_otr` where nothing of OTR is compiled in.
///
/// ```compile_fail,E0599
/// async fn begin(chat: converse::chat::Chat) {
///     chat.initiate_otr().await;
/// }
/// ```
#[cfg(all(doctest, feature = "chat"))]
struct WithoutOtr;
