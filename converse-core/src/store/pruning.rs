//! Keeping no more messages than are wanted.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::account::AccountStore;
use super::change::Change;
use super::error::StoreError;
use super::log::{LogScan, LogSummary, Place};

/// How many records are removed with one write: others want to write too.
const STEP: usize = 500;

/// How many records the logs of an account may have, and how old these may be.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use converse_core::store::{AccountStore, Change, MemoryStore, Place, Record, Retention};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let account = "romeo@montague.example".parse()?;
/// let store = AccountStore::new(Arc::new(MemoryStore::new()), account);
/// let records = (0..10).map(|n: i64| Record {
///     key: n.to_string(),
///     names: Vec::new(),
///     place: Place::new(n, 0),
///     text: None,
///     value: Vec::new(),
/// });
/// let changes = records.map(|record| Change::put_record("chat/juliet@capulet.example", record));
/// store.write(changes.collect()).await?;
///
/// let retention = Retention::default().count(4);
/// assert_eq!(retention.apply(&store, "2026-06-01T12:00:00Z".parse()?).await?, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    age: Option<Duration>,
    count: Option<usize>,
}

impl Retention {
    /// The same, and records that are older go.
    #[must_use]
    pub fn age(mut self, age: Duration) -> Self {
        self.age = Some(age);
        self
    }

    /// The same, and all but the newest `count` of each log go; at least one stays.
    #[must_use]
    pub fn count(mut self, count: usize) -> Self {
        self.count = Some(count.max(1));
        self
    }

    /// Whether everything stays.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.age.is_none() && self.count.is_none()
    }

    /// Removes what is too much at the time `now`, a few hundred records with each write; by how many there are fewer then. What
    /// is [pinned](super::Record::pin) stays.
    ///
    /// # Errors
    ///
    /// The backend fails; what was removed before stays removed.
    pub async fn apply(
        &self,
        store: &AccountStore,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        if self.is_everything() {
            return Ok(0);
        }
        let oldest = self
            .age
            .and_then(|age| now.checked_sub_signed(TimeDelta::from_std(age).ok()?))
            .map(|oldest| Place::new(oldest.timestamp_micros(), 0));
        let logs = store.logs().await?;
        let before = records(&logs);
        for log in logs {
            if let Some(count) = self.count {
                shorten(store, &log, count).await?;
            }
            if let Some(oldest) = oldest {
                forget_before(store, &log.log, oldest).await?;
            }
        }
        Ok(before.saturating_sub(records(&store.logs().await?)))
    }
}

fn records(logs: &[LogSummary]) -> usize {
    logs.iter().map(|log| log.records).sum()
}

/// Removes all but the newest `count` of a log.
async fn shorten(store: &AccountStore, log: &LogSummary, count: usize) -> Result<(), StoreError> {
    let mut keep = log.records;
    while keep > count {
        keep = keep.saturating_sub(STEP).max(count);
        prune(store, &log.log, keep, None).await?;
    }
    Ok(())
}

/// Removes what is older than `oldest`.
async fn forget_before(store: &AccountStore, log: &str, oldest: Place) -> Result<(), StoreError> {
    let mut scan = LogScan::oldest(log).limit(STEP);
    loop {
        let page = store.records(scan).await?;
        let Some(last) = page.records.last() else {
            return Ok(());
        };
        let first = page.records.first().map_or(last.place, |first| first.place);
        if first >= oldest {
            return Ok(());
        }
        let last = last.place;
        let before = if page.more { last.min(oldest) } else { oldest };
        prune(store, log, usize::MAX, Some(before)).await?;
        if before == oldest {
            return Ok(());
        }
        // What is pinned stays behind.
        scan = LogScan::oldest(log).beyond(last).limit(STEP);
    }
}

async fn prune(
    store: &AccountStore,
    log: &str,
    keep: usize,
    before: Option<Place>,
) -> Result<(), StoreError> {
    let log = log.to_owned();
    let change = Change::Prune { log, keep, before };
    store.write(vec![change]).await
}
