//! One value at a time.

use super::{FORGETFUL, Outcome, SMALL, Suite, TABLE, same};
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::namespace::Namespace;

impl Suite<'_> {
    pub(super) async fn put(
        &self,
        space: Namespace,
        key: &str,
        value: &[u8],
    ) -> Result<(), StoreError> {
        let change = Change::put(space, key, value);
        self.store.write(&self.account, vec![change]).await
    }

    pub(super) async fn get(
        &self,
        space: Namespace,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(&self.account, space, key).await
    }
}

pub(super) async fn a_missing_key_has_no_value(suite: &Suite<'_>) -> Outcome {
    same(suite.get(TABLE, "missing").await?, None)?;
    same(suite.store.count(&suite.account, TABLE).await?, 0)?;
    let change = Change::delete(TABLE, "missing");
    suite.store.write(&suite.account, vec![change]).await?;
    suite.store.write(&suite.account, Vec::new()).await?;
    Ok(())
}

pub(super) async fn a_value_is_read_as_it_was_written(suite: &Suite<'_>) -> Outcome {
    let every_byte: Vec<u8> = (0..=255).collect();
    for value in [&b""[..], b"\0", &every_byte] {
        suite.put(TABLE, "key", value).await?;
        same(suite.get(TABLE, "key").await?, Some(value.to_vec()))?;
    }
    Ok(())
}

pub(super) async fn a_second_value_replaces_the_first(suite: &Suite<'_>) -> Outcome {
    suite.put(TABLE, "key", b"first").await?;
    suite.put(TABLE, "key", b"second").await?;
    same(suite.get(TABLE, "key").await?, Some(b"second".to_vec()))?;
    same(suite.store.count(&suite.account, TABLE).await?, 1)
}

pub(super) async fn a_deleted_key_has_no_value(suite: &Suite<'_>) -> Outcome {
    suite.put(TABLE, "key", b"value").await?;
    suite.put(TABLE, "other", b"value").await?;
    let change = Change::delete(TABLE, "key");
    suite.store.write(&suite.account, vec![change]).await?;
    same(suite.get(TABLE, "key").await?, None)?;
    same(suite.get(TABLE, "other").await?, Some(b"value".to_vec()))
}

pub(super) async fn keys_are_told_apart_exactly(suite: &Suite<'_>) -> Outcome {
    // Case, trailing space, NUL, quotes, and two ways to write one accented letter.
    let all = [
        "",
        "a",
        "A",
        "a ",
        "a\0",
        "a'b\"",
        "\u{e9}",
        "e\u{301}",
        "\u{10FFFF}",
    ];
    for key in all {
        suite.put(TABLE, key, key.as_bytes()).await?;
    }
    for key in all {
        same(suite.get(TABLE, key).await?, Some(key.as_bytes().to_vec()))?;
    }
    same(suite.store.count(&suite.account, TABLE).await?, all.len())
}

pub(super) async fn namespaces_are_told_apart(suite: &Suite<'_>) -> Outcome {
    suite.put(TABLE, "key", b"table").await?;
    suite.put(SMALL, "key", b"small").await?;
    same(suite.get(TABLE, "key").await?, Some(b"table".to_vec()))?;
    same(suite.get(SMALL, "key").await?, Some(b"small".to_vec()))?;
    same(suite.get(FORGETFUL, "key").await?, None)
}
