//! More than one account in a store.

use super::{Outcome, SMALL, Suite, TABLE, same};
use crate::store::change::Change;
use crate::store::log::{Place, Record, Search};
use crate::store::scan::{Page, Scan};
use crate::store::secret::SecretBytes;

pub(super) async fn accounts_are_told_apart(suite: &Suite<'_>) -> Outcome {
    suite.put(TABLE, "key", b"mine").await?;
    same(suite.store.get(&suite.other, TABLE, "key").await?, None)?;
    let theirs = suite.store.scan(&suite.other, TABLE, Scan::all()).await?;
    same(theirs, Page::default())?;
    // Each account has the whole of a namespace's limit.
    for key in ["1", "2", "3"] {
        suite.put(SMALL, key, b"").await?;
        let change = Change::put(SMALL, key, *b"");
        suite.store.write(&suite.other, vec![change]).await?;
    }
    let change = Change::delete_prefix(SMALL, "");
    suite.store.write(&suite.other, vec![change]).await?;
    same(suite.store.count(&suite.account, SMALL).await?, 3)
}

pub(super) async fn clearing_an_account_clears_all_of_it_and_no_other(
    suite: &Suite<'_>,
) -> Outcome {
    let record = Record {
        key: "key".to_owned(),
        names: Vec::new(),
        place: Place::default(),
        text: Some("text".to_owned()),
        value: Vec::new(),
    };
    for account in [&suite.account, &suite.other] {
        let changes = vec![
            Change::put(TABLE, "key", *b""),
            Change::put(SMALL, "key", *b""),
            Change::put_record("log", record.clone()),
        ];
        suite.store.write(account, changes).await?;
        let secret = Some(SecretBytes::new(*b"secret"));
        suite.store.put_secret(account, "key", secret).await?;
    }
    suite.store.clear_account(&suite.account).await?;
    for (account, left) in [(&suite.account, 0), (&suite.other, 1)] {
        same(suite.store.count(account, TABLE).await?, left)?;
        same(suite.store.count(account, SMALL).await?, left)?;
        let secret = suite.store.secret(account, "key").await?;
        same(secret.is_some(), left == 1)?;
        same(suite.store.logs(account).await?.len(), left)?;
        let found = suite.store.search(account, Search::new("text")).await?;
        same(found.len(), left)?;
    }
    suite.put(TABLE, "key", b"").await?;
    same(suite.store.count(&suite.account, TABLE).await?, 1)
}
