//! Pages of entries.

use super::{Outcome, Suite, TABLE, holds, keys, same};
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::scan::{Page, Scan};
use crate::store::{MAX_PAGE_BYTES, MAX_PAGE_ENTRIES, MAX_VALUE_BYTES};

impl Suite<'_> {
    async fn fill(&self, all: &[&str]) -> Result<(), StoreError> {
        let changes = all
            .iter()
            .map(|key| Change::put(TABLE, *key, key.as_bytes()));
        self.store.write(&self.account, changes.collect()).await
    }

    async fn scan(&self, scan: Scan) -> Result<Page, StoreError> {
        self.store.scan(&self.account, TABLE, scan).await
    }
}

pub(super) async fn entries_come_in_the_order_of_their_bytes(suite: &Suite<'_>) -> Outcome {
    suite
        .fill(&["b", "a", "B", "\u{e9}", "", "aa", "\u{1F339}", "\u{FFFD}"])
        .await?;
    let page = suite.scan(Scan::all()).await?;
    let order = vec!["", "B", "a", "aa", "b", "\u{e9}", "\u{FFFD}", "\u{1F339}"];
    same(keys(&page), order.clone())?;
    holds(!page.more, "a page with everything says that there is more")?;
    let matching = page
        .entries
        .iter()
        .all(|entry| entry.value == entry.key.as_bytes());
    holds(matching, "a value came with another key")?;
    let page = suite.scan(Scan::all().reversed()).await?;
    same(keys(&page), order.into_iter().rev().collect())
}

pub(super) async fn a_prefix_is_no_pattern(suite: &Suite<'_>) -> Outcome {
    suite
        .fill(&[
            "a%b",
            "a_b",
            "axb",
            "a*b",
            "a\u{10FFFF}b",
            "a",
            "A%b",
            "\u{D7FF}x",
            "\u{E000}",
        ])
        .await?;
    for (prefix, expected) in [
        ("a%", &["a%b"][..]),
        ("a_", &["a_b"]),
        ("a*", &["a*b"]),
        ("a\u{10FFFF}", &["a\u{10FFFF}b"]),
        ("\u{D7FF}", &["\u{D7FF}x"]),
        ("\u{10FFFF}", &[]),
        ("a", &["a", "a%b", "a*b", "a_b", "axb", "a\u{10FFFF}b"]),
    ] {
        let page = suite.scan(Scan::prefix(prefix)).await?;
        same(keys(&page), expected.to_vec())?;
        let page = suite.scan(Scan::prefix(prefix).reversed()).await?;
        same(keys(&page), expected.iter().rev().copied().collect())?;
    }
    Ok(())
}

pub(super) async fn pages_follow_one_another_both_ways(suite: &Suite<'_>) -> Outcome {
    suite
        .fill(&["l/0", "m/1", "m/2", "m/3", "m/4", "m/5", "n/6"])
        .await?;
    let first = suite.scan(Scan::prefix("m/").limit(2)).await?;
    same((keys(&first), first.more), (vec!["m/1", "m/2"], true))?;
    let second = suite.scan(Scan::prefix("m/").limit(3).after("m/2")).await?;
    same(
        (keys(&second), second.more),
        (vec!["m/3", "m/4", "m/5"], false),
    )?;
    let beyond = suite.scan(Scan::prefix("m/").after("m/5")).await?;
    same(beyond, Page::default())?;

    let last = suite.scan(Scan::prefix("m/").reversed().limit(2)).await?;
    same((keys(&last), last.more), (vec!["m/5", "m/4"], true))?;
    let before = suite
        .scan(Scan::prefix("m/").reversed().after("m/4"))
        .await?;
    same(
        (keys(&before), before.more),
        (vec!["m/3", "m/2", "m/1"], false),
    )?;
    let beyond = suite
        .scan(Scan::prefix("m/").reversed().after("m/1"))
        .await?;
    same(beyond, Page::default())?;
    let none = suite.scan(Scan::prefix("m/").limit(0)).await?;
    same((none.entries.len(), none.more), (0, true))
}

pub(super) async fn after_need_not_exist(suite: &Suite<'_>) -> Outcome {
    suite.fill(&["m/1", "m/3"]).await?;
    for (scan, expected) in [
        (Scan::prefix("m/").after("m/2"), &["m/3"][..]),
        (Scan::prefix("m/").after("a"), &["m/1", "m/3"]),
        (Scan::prefix("m/").after("m"), &["m/1", "m/3"]),
        (Scan::prefix("m/").after("z"), &[]),
        (Scan::prefix("m/").reversed().after("m/2"), &["m/1"]),
        (Scan::prefix("m/").reversed().after("a"), &[]),
        (Scan::prefix("m/").reversed().after("m/"), &[]),
        (Scan::prefix("m/").reversed().after("z"), &["m/3", "m/1"]),
    ] {
        let page = suite.scan(scan).await?;
        same(keys(&page), expected.to_vec())?;
    }
    Ok(())
}

pub(super) async fn a_page_is_bounded_in_entries(suite: &Suite<'_>) -> Outcome {
    let names: Vec<String> = (0..=MAX_PAGE_ENTRIES)
        .map(|number| format!("{number:05}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    suite.fill(&names).await?;
    let page = suite.scan(Scan::all().limit(usize::MAX)).await?;
    same((page.entries.len(), page.more), (MAX_PAGE_ENTRIES, true))
}

pub(super) async fn a_page_is_bounded_in_bytes(suite: &Suite<'_>) -> Outcome {
    let large = vec![b'x'; MAX_VALUE_BYTES];
    for key in ["1", "2", "3"] {
        suite.put(TABLE, key, &large).await?;
    }
    let page = suite.scan(Scan::all()).await?;
    let bytes: usize = page.entries.iter().map(|entry| entry.value.len()).sum();
    holds(bytes <= MAX_PAGE_BYTES, "a page is too large")?;
    holds(
        page.more && !page.entries.is_empty(),
        "a page does not lead to the next",
    )
}
