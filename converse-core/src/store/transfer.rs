//! What is kept for an account as lines of JSON: to look at, to move to another store, to keep a copy.
//!
//! The first line says what it is, each further one holds a value, a record or a secret, and the last one how many there were, so that a
//! file that was cut off is known for one. Secrets are written and read only [where that is asked for](Export::with_secrets).
//!
//! ```json
//! {"export":{"version":1,"account":"romeo@montague.example","values":1,"records":1,"secrets":false}}
//! {"value":{"namespace":"chats","key":"juliet@capulet.example","text":"[\"pinned\"]"}}
//! {"record":{"log":"chat/juliet@capulet.example","key":"a","names":["s:1"],"micros":0,"number":0,"found_by":"But, soft!","text":"{}"}}
//! {"end":{"values":1,"records":1,"secrets":0}}
//! ```
//!
//! Bytes that are no UTF-8 stand as `base64` in the place of `text`. If an account has [a store for
//! messages](crate::Api::account_message_store) and another for the rest, that is two exports.
//!
//! ```
//! use std::sync::Arc;
//! use converse_core::store::transfer::{Export, Import};
//! use converse_core::store::{AccountStore, MemoryStore, Namespace};
//!
//! const CHATS: Namespace = Namespace::new("chats", 1_000);
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let account: jid::BareJid = "romeo@montague.example".parse()?;
//! let old = AccountStore::new(Arc::new(MemoryStore::new()), account.clone());
//! old.put_json(CHATS, "juliet@capulet.example", &["pinned"]).await?;
//!
//! // Into a file as well: `tokio::fs::File`.
//! let mut lines = Vec::new();
//! let exported = Export::new(&old)
//!     .progress(|progress| println!("{} of {:?}", progress.done(), progress.total))
//!     .write(&mut lines)
//!     .await?;
//!
//! let new = AccountStore::new(Arc::new(MemoryStore::new()), account);
//! let imported = Import::new(&new).read(&lines[..]).await?;
//! assert_eq!((exported.values, imported.values), (1, 1));
//! assert_eq!(new.get_json(CHATS, "juliet@capulet.example").await?, Some(vec!["pinned".to_owned()]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod export;
mod import;
mod line;
mod reader;

pub use error::TransferError;
pub use export::Export;
pub use import::Import;

/// The version of what is written; what is read may be older.
pub const VERSION: u32 = 1;

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Values that were written or read.
    pub values: u64,
    /// Records that were written or read.
    pub records: u64,
    /// Secrets that were written or read.
    pub secrets: u64,
    /// Of them, what was left out: it was there already, or was not asked for.
    pub skipped: u64,
    /// How many values and records there were when it began.
    pub total: u64,
}

impl Progress {
    /// How many of the [total](Self::total) are done; it can become more, when something was written meanwhile.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.values + self.records
    }
}

/// Who is told how far it is.
type Told<'a> = Box<dyn FnMut(Progress) + Send + 'a>;
