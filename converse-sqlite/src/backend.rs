//! The registration as what the settings `storage` and `message_storage` call `local`.

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::store::{Backend, Opening, Store};

use crate::store::SqliteStore;

inventory::submit! {
    Backend {
        name: "local",
        open,
        package: env!("CARGO_PKG_NAME"),
    }
}

fn open(opening: &Opening) -> Result<Arc<dyn Store>, BoxError> {
    Ok(Arc::new(SqliteStore::open(opening.path()?)?))
}
