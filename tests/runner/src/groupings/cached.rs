//! What an earlier run would have stored.

use converse::core::store::{AccountStore, Store};
use converse::prelude::*;
use converse::roster::RosterItem;
use converse::roster::cache::RosterCache;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Kept {
    version: String,
    items: Vec<RosterItem>,
}

/// A roster and its version.
pub(super) async fn roster(
    store: Arc<dyn Store>,
    account: String,
    value: Value,
) -> Result<Value, Error> {
    let invalid = |error: BoxError| {
        Error::new(ErrorKind::InvalidArgument, "the case gives no roster").with_source(error)
    };
    let account = account
        .parse()
        .map_err(|error: <BareJid as std::str::FromStr>::Err| invalid(error.into()))?;
    let kept: Kept = serde_json::from_value(value).map_err(|error| invalid(error.into()))?;
    let cache = RosterCache::new(AccountStore::new(store, account));
    cache.replace(&kept.version, &kept.items).await?;
    Ok(Value::Null)
}
