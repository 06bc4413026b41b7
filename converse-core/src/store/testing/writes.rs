//! Several changes in one write, and several writes at once.

use futures_util::future::try_join_all;

use super::{FORGETFUL, Outcome, SMALL, Suite, TABLE, holds, keys, same};
use crate::store::change::Change;
use crate::store::scan::Scan;

pub(super) async fn a_failed_write_leaves_nothing(suite: &Suite<'_>) -> Outcome {
    suite.put(TABLE, "kept", b"before").await?;
    suite.put(TABLE, "a1", b"before").await?;
    for key in ["1", "2", "3"] {
        suite.put(FORGETFUL, key, b"before").await?;
        suite.put(SMALL, key, b"before").await?;
    }
    let changes = vec![
        Change::put(TABLE, "kept", *b"after"),
        Change::put(TABLE, "new", *b"after"),
        Change::delete_prefix(TABLE, "a"),
        Change::put(FORGETFUL, "4", *b"after"),
        Change::delete(SMALL, "1"),
        Change::put(SMALL, "4", *b"after"),
        Change::put(SMALL, "5", *b"after"),
    ];
    let outcome = suite.store.write(&suite.account, changes).await;
    holds(outcome.is_err(), "a write beyond the limit succeeded")?;
    for (space, expected) in [
        (TABLE, &["a1", "kept"][..]),
        (FORGETFUL, &["1", "2", "3"]),
        (SMALL, &["1", "2", "3"]),
    ] {
        let page = suite.store.scan(&suite.account, space, Scan::all()).await?;
        same(keys(&page), expected.to_vec())?;
        let before = page.entries.iter().all(|entry| entry.value == b"before");
        holds(before, "a failed write changed a value")?;
    }
    // Ages are as they were, too.
    suite.put(FORGETFUL, "4", b"after").await?;
    let page = suite
        .store
        .scan(&suite.account, FORGETFUL, Scan::all())
        .await?;
    same(keys(&page), vec!["2", "3", "4"])
}

pub(super) async fn changes_are_made_in_their_order(suite: &Suite<'_>) -> Outcome {
    let changes = vec![
        Change::put(TABLE, "a", *b"1"),
        Change::put(TABLE, "b", *b"1"),
        Change::delete_prefix(TABLE, ""),
        Change::put(TABLE, "b", *b"2"),
        Change::put(TABLE, "c", *b"1"),
        Change::delete(TABLE, "c"),
    ];
    suite.store.write(&suite.account, changes).await?;
    let page = suite.store.scan(&suite.account, TABLE, Scan::all()).await?;
    same(keys(&page), vec!["b"])?;
    same(suite.get(TABLE, "b").await?, Some(b"2".to_vec()))
}

pub(super) async fn a_prefix_is_deleted_and_nothing_else(suite: &Suite<'_>) -> Outcome {
    for key in ["room", "room/1", "room/2", "room0", "Room/1", "roo"] {
        suite.put(TABLE, key, b"").await?;
    }
    suite.put(SMALL, "room/1", b"").await?;
    let change = Change::delete_prefix(TABLE, "room/");
    suite.store.write(&suite.account, vec![change]).await?;
    let page = suite.store.scan(&suite.account, TABLE, Scan::all()).await?;
    same(keys(&page), vec!["Room/1", "roo", "room", "room0"])?;
    same(suite.store.count(&suite.account, SMALL).await?, 1)
}

pub(super) async fn nothing_happens_before_a_future_is_polled(suite: &Suite<'_>) -> Outcome {
    let change = Change::put(TABLE, "key", *b"value");
    drop(suite.store.write(&suite.account, vec![change]));
    same(suite.get(TABLE, "key").await?, None)
}

pub(super) async fn writes_at_once_are_all_kept(suite: &Suite<'_>) -> Outcome {
    let names: Vec<String> = (0..100).map(|number| format!("{number:03}")).collect();
    try_join_all(
        names
            .iter()
            .map(|name| suite.put(TABLE, name, name.as_bytes())),
    )
    .await?;
    let page = suite.store.scan(&suite.account, TABLE, Scan::all()).await?;
    let expected: Vec<&str> = names.iter().map(String::as_str).collect();
    same(keys(&page), expected)
}
