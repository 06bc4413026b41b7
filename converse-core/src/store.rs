//! What outlives a session: roster, archive cursors, stream-management state, keys.
//!
//! A [`Store`] keeps small values by account, [`Namespace`] and key, and [`Record`]s in logs by the order of their time, which
//! can be searched; secrets are kept apart from them. Plugins use an [`AccountStore`], which knows its account.
//!
//! [`MemoryStore`] is the backend of `storage = "session"`. Others implement the trait, prove it with [`testing::run`], and
//! register as a [`Backend`], which the settings `storage` and `message_storage` choose by its name.
//!
//! | bound | value |
//! |---|---|
//! | key | [`MAX_KEY_BYTES`], 4,096 bytes: room for a full JID and a stamp |
//! | value | [`MAX_VALUE_BYTES`], 16 MiB: room for the largest stanza |
//! | entries of a namespace | its [`Namespace::limit`], for each account |
//! | record | a key and up to [`MAX_NAMES`], 8, names as keys; text and value together as a value |
//! | page of a [`Scan`], [`LogScan`] or [`Search`] | [`MAX_PAGE_ENTRIES`], 1,000, and [`MAX_PAGE_BYTES`], 32 MiB |
//! | secrets | [`MAX_SECRETS`], 1,000 an account, of [`MAX_SECRET_BYTES`], 64 KiB, each |
//! | [`MemoryStore`] | 256 MiB in all, or as it is told |
//!
//! ```
//! use std::sync::Arc;
//! use converse_core::store::{AccountStore, MemoryStore, Namespace, Scan};
//!
//! const CHATS: Namespace = Namespace::new("chats", 1_000);
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let account = "romeo@montague.example".parse()?;
//! let store = AccountStore::new(Arc::new(MemoryStore::new()), account);
//! store.put_json(CHATS, "juliet@capulet.example", &["unread", "pinned"]).await?;
//! let flags: Option<Vec<String>> = store.get_json(CHATS, "juliet@capulet.example").await?;
//! assert_eq!(flags.unwrap_or_default(), ["unread", "pinned"]);
//! assert_eq!(store.scan(CHATS, Scan::prefix("juliet")).await?.entries.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod backend;
mod change;
mod error;
mod folder;
mod gate;
mod linked;
mod log;
mod memory;
mod namespace;
mod pruning;
mod scan;
mod secret;
pub mod testing;
pub mod transfer;
mod words;

pub use account::AccountStore;
pub use backend::{Contents, Store, StoreFuture};
pub use change::Change;
pub use error::{StorageError, StoreError};
pub(crate) use linked::Stores;
pub use linked::{Backend, Opening};
pub use log::{Found, LogPage, LogScan, LogSummary, Place, Record, Search};
pub use memory::MemoryStore;
pub use namespace::{Namespace, Overflow};
pub use pruning::Retention;
pub use scan::{Entry, Page, Scan};
pub use secret::SecretBytes;
pub use words::{Sought, words};

/// Bytes of the longest key, also of the name of a secret.
pub const MAX_KEY_BYTES: usize = 4_096;
/// Bytes of the largest value.
pub const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// Names of a record besides its key.
pub const MAX_NAMES: usize = 8;
/// Entries of the largest page that a scan gives.
pub const MAX_PAGE_ENTRIES: usize = 1_000;
/// Bytes of keys and values on a page that holds more than one entry.
pub const MAX_PAGE_BYTES: usize = 32 * 1024 * 1024;
/// Secrets of one account.
pub const MAX_SECRETS: usize = 1_000;
/// Bytes of the largest secret.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;
