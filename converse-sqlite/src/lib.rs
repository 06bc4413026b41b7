//! What converse keeps, in an SQLite file: the backend of `storage = "local"`.
//!
//! A program that names this crate has it: `converse` does with the feature `sqlite`. The setting `store_path` says which file
//! it is. Several accounts share a file, also several instances and processes. It is in WAL mode: one thread writes, in batches, while others read, and a process that is
//! killed at any moment leaves a file that opens and holds every write that had returned.
//!
//! ```
//! use std::sync::Arc;
//! use converse_core::store::{AccountStore, Namespace};
//! use converse_sqlite::SqliteStore;
//!
//! const CHATS: Namespace = Namespace::new("chats", 1_000);
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let folder = std::env::temp_dir().join(format!("converse-sqlite-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let store = SqliteStore::open(folder.join("chats.db"))?;
//! let store = AccountStore::new(Arc::new(store), "romeo@montague.example".parse()?);
//! store.put_json(CHATS, "juliet@capulet.example", &["unread"]).await?;
//! assert_eq!(store.get_json(CHATS, "juliet@capulet.example").await?, Some(vec!["unread".to_owned()]));
//! # drop(store);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(())
//! # })
//! # }
//! ```

mod backend;
mod entries;
mod error;
mod index;
mod open;
mod records;
mod schema;
mod search;
mod secrets;
mod store;
mod worker;

pub use error::OpenError;
pub use store::SqliteStore;
