//! What an earlier run would have stored.

use converse::core::store::{AccountStore, Store};
use converse::prelude::*;
use converse::roster::RosterItem;
use converse::roster::cache::RosterCache;
use converse_testkit::cases::Answer;
use serde_json::Value;

pub(super) fn cache(
    store: &Arc<dyn Store>,
    account: &str,
    what: &str,
    value: &Value,
) -> Option<Answer> {
    if what != "roster" {
        return None;
    }
    let store = Arc::clone(store);
    let (account, value) = (account.to_owned(), value.clone());
    Some(Box::pin(async move {
        let unreadable = |error: &dyn std::fmt::Display| {
            Error::new(
                ErrorKind::InvalidArgument,
                format!("the cached roster: {error}"),
            )
        };
        let account: BareJid = account.parse().map_err(|error| unreadable(&error))?;
        let items: Vec<RosterItem> =
            serde_json::from_value(value["items"].clone()).map_err(|error| unreadable(&error))?;
        let version = value["version"].as_str().unwrap_or_default();
        RosterCache::new(AccountStore::new(store, account))
            .replace(version, &items)
            .await?;
        Ok(Value::Null)
    }))
}
