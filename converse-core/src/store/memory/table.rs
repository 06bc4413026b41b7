//! The entries of one namespace, by key and by age.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use crate::store::scan::{Entry, Page, Scan};
use crate::store::{MAX_PAGE_BYTES, MAX_PAGE_ENTRIES};

/// A value and when it was written, as a number that only grows.
#[derive(Debug)]
pub(super) struct Row {
    value: Vec<u8>,
    written: u64,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    rows: BTreeMap<String, Row>,
    /// Keys by the time they were written.
    ages: BTreeMap<u64, String>,
    writes: u64,
}

impl Table {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn bytes(&self) -> usize {
        let rows = self.rows.iter();
        rows.map(|(key, row)| key.len() + row.value.len()).sum()
    }

    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.rows.get(key).map(|row| row.value.clone())
    }

    pub(super) fn oldest(&self) -> Option<String> {
        self.ages.values().next().cloned()
    }

    pub(super) fn keys(&self, prefix: &str) -> Vec<String> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let from = self.rows.range::<str, _>(from);
        from.map(|(key, _)| key)
            .take_while(|key| key.starts_with(prefix))
            .cloned()
            .collect()
    }

    /// Adds a key that is not there.
    pub(super) fn insert(&mut self, key: String, value: Vec<u8>, used: &mut usize) {
        let written = self.writes;
        self.writes += 1;
        self.restore(key, Row { value, written }, used);
    }

    /// Adds a row with the age it had before.
    pub(super) fn restore(&mut self, key: String, row: Row, used: &mut usize) {
        *used = used.saturating_add(key.len() + row.value.len());
        self.ages.insert(row.written, key.clone());
        self.rows.insert(key, row);
    }

    pub(super) fn remove(&mut self, key: &str, used: &mut usize) -> Option<Row> {
        let row = self.rows.remove(key)?;
        self.ages.remove(&row.written);
        *used = used.saturating_sub(key.len() + row.value.len());
        Some(row)
    }

    pub(super) fn scan(&self, scan: &Scan) -> Page {
        let Some(range) = scan.range() else {
            return Page::default();
        };
        let rows = self.rows.range(range);
        if scan.reverse {
            page(rows.rev(), scan.limit)
        } else {
            page(rows, scan.limit)
        }
    }
}

fn page<'a>(rows: impl Iterator<Item = (&'a String, &'a Row)>, limit: usize) -> Page {
    let limit = limit.min(MAX_PAGE_ENTRIES);
    let mut page = Page::default();
    let mut bytes = 0;
    for (key, row) in rows {
        bytes += key.len() + row.value.len();
        let full = page.entries.len() >= limit;
        if full || (bytes > MAX_PAGE_BYTES && !page.entries.is_empty()) {
            page.more = true;
            break;
        }
        page.entries.push(Entry {
            key: key.clone(),
            value: row.value.clone(),
        });
    }
    page
}

/// What was there before each step of a write.
#[derive(Debug, Default)]
pub(super) struct Undo {
    steps: Vec<(Cow<'static, str>, String, Option<Row>)>,
}

impl Undo {
    /// `key` is about to be set; it was `before`.
    pub(super) fn replaced(&mut self, table: Cow<'static, str>, key: &str, before: Option<Row>) {
        self.steps.push((table, key.to_owned(), before));
    }

    /// `key` was removed, if it was there.
    pub(super) fn removed(&mut self, table: Cow<'static, str>, key: &str, before: Option<Row>) {
        if before.is_some() {
            self.replaced(table, key, before);
        }
    }

    pub(super) fn backwards(
        self,
    ) -> impl Iterator<Item = (Cow<'static, str>, String, Option<Row>)> {
        self.steps.into_iter().rev()
    }
}
