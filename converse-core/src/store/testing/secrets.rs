//! The side of a store that nobody sees.

use super::{Outcome, Suite, TABLE, holds, same};
use crate::store::error::StoreError;
use crate::store::scan::{Page, Scan};
use crate::store::secret::SecretBytes;
use crate::store::{MAX_KEY_BYTES, MAX_SECRET_BYTES, MAX_SECRETS};

impl Suite<'_> {
    async fn put_secret(&self, name: &str, secret: &[u8]) -> Result<(), StoreError> {
        let secret = Some(SecretBytes::new(secret));
        self.store.put_secret(&self.account, name, secret).await
    }

    async fn secret(&self, name: &str) -> Result<Option<SecretBytes>, StoreError> {
        self.store.secret(&self.account, name).await
    }
}

pub(super) async fn a_secret_is_kept_replaced_and_removed(suite: &Suite<'_>) -> Outcome {
    same(suite.secret("token").await?, None)?;
    suite.put_secret("token", b"first\0").await?;
    suite.put_secret("token", b"second\xff").await?;
    suite.put_secret("other", b"").await?;
    let found = suite.secret("token").await?;
    same(found, Some(SecretBytes::new(*b"second\xff")))?;
    suite
        .store
        .put_secret(&suite.account, "token", None)
        .await?;
    suite
        .store
        .put_secret(&suite.account, "never", None)
        .await?;
    same(suite.secret("token").await?, None)?;
    same(suite.secret("other").await?, Some(SecretBytes::new(*b"")))?;
    same(suite.store.secret(&suite.other, "other").await?, None)
}

pub(super) async fn secrets_are_no_entries(suite: &Suite<'_>) -> Outcome {
    suite.put_secret("token", b"moonlight").await?;
    same(suite.get(TABLE, "token").await?, None)?;
    let page = suite.store.scan(&suite.account, TABLE, Scan::all()).await?;
    same(page, Page::default())?;
    let shown = format!("{:?}", suite.store);
    holds(
        !shown.contains("moonlight"),
        "the store's `Debug` shows a secret",
    )
}

pub(super) async fn secrets_are_bounded(suite: &Suite<'_>) -> Outcome {
    let large = vec![b'x'; MAX_SECRET_BYTES + 1];
    let outcome = suite.put_secret("token", &large).await;
    holds(
        matches!(outcome, Err(StoreError::ValueTooLarge { .. })),
        "a large secret was kept",
    )?;
    suite.put_secret("token", &large[1..]).await?;
    let outcome = suite.put_secret(&"n".repeat(MAX_KEY_BYTES + 1), b"").await;
    holds(
        matches!(outcome, Err(StoreError::KeyTooLong { .. })),
        "a long name was kept",
    )?;
    for number in 1..MAX_SECRETS {
        suite.put_secret(&number.to_string(), b"").await?;
    }
    let outcome = suite.put_secret("one more", b"").await;
    holds(
        matches!(outcome, Err(StoreError::Full { .. })),
        "one secret too many was kept",
    )?;
    suite
        .put_secret("token", b"again")
        .await
        .map_err(Into::into)
}
