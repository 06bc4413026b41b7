//! What does not fit.

use super::{FORGETFUL, Failure, Outcome, SMALL, Suite, TABLE, keys, same};
use crate::store::error::StoreError;
use crate::store::scan::Scan;
use crate::store::{MAX_KEY_BYTES, MAX_VALUE_BYTES};

pub(super) async fn long_keys_and_large_values_are_refused(suite: &Suite<'_>) -> Outcome {
    let long = "k".repeat(MAX_KEY_BYTES + 1);
    match suite.put(TABLE, &long, b"").await {
        Err(StoreError::KeyTooLong { bytes }) => same(bytes, long.len())?,
        other => return Err(Failure(format!("a long key gave {other:?}"))),
    }
    let large = vec![0; MAX_VALUE_BYTES + 1];
    match suite.put(TABLE, "key", &large).await {
        Err(StoreError::ValueTooLarge { bytes, .. }) => same(bytes, large.len())?,
        other => return Err(Failure(format!("a large value gave {other:?}"))),
    }
    same(suite.get(TABLE, &long).await?, None)?;
    same(suite.store.count(&suite.account, TABLE).await?, 0)
}

pub(super) async fn the_longest_key_and_the_largest_value_are_kept(suite: &Suite<'_>) -> Outcome {
    let (long, large) = ("k".repeat(MAX_KEY_BYTES), vec![7; MAX_VALUE_BYTES]);
    suite.put(TABLE, &long, &large).await?;
    same(suite.get(TABLE, &long).await? == Some(large), true)
}

pub(super) async fn a_full_namespace_refuses(suite: &Suite<'_>) -> Outcome {
    for key in ["1", "2", "3"] {
        suite.put(SMALL, key, b"before").await?;
    }
    match suite.put(SMALL, "4", b"").await {
        Err(StoreError::Full { namespace, limit }) => {
            same((namespace, limit), (SMALL.name(), SMALL.limit()))?;
        }
        other => return Err(Failure(format!("one entry too many gave {other:?}"))),
    }
    suite.put(SMALL, "3", b"after").await?;
    same(suite.get(SMALL, "3").await?, Some(b"after".to_vec()))?;
    same(suite.get(SMALL, "4").await?, None)
}

pub(super) async fn a_forgetful_namespace_drops_what_was_written_first(
    suite: &Suite<'_>,
) -> Outcome {
    for key in ["c", "a", "b"] {
        suite.put(FORGETFUL, key, b"").await?;
    }
    // A new value makes an entry young again.
    suite.put(FORGETFUL, "c", b"again").await?;
    suite.put(FORGETFUL, "d", b"").await?;
    let page = suite
        .store
        .scan(&suite.account, FORGETFUL, Scan::all())
        .await?;
    same(keys(&page), vec!["b", "c", "d"])
}
