//! The outbox in the store.

use chrono::{DateTime, Utc};
use converse_core::store::{AccountStore, Change, Namespace, Scan, StoreError};
use serde::{Deserialize, Serialize};

use super::entry::{About, Entry, State};
use super::lane::Lane;
use super::queue::MAX_ENTRIES;
use crate::model::{MessageError, MessageId};

/// What is sent and has not arrived.
const OUTBOX: Namespace = Namespace::new("outbox", 4 * MAX_ENTRIES);

/// An entry as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    lane: Lane,
    id: MessageId,
    stanza: String,
    about: About,
    /// In microseconds since 1970.
    created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline: Option<i64>,
    /// It may have left.
    #[serde(default)]
    left: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed: Option<MessageError>,
}

/// Keeps an entry as it is.
pub(super) fn put(entry: &Entry, may_leave: bool) -> Change {
    let kept = Kept {
        lane: entry.lane.clone(),
        id: entry.id.clone(),
        stanza: entry.stanza.clone(),
        about: entry.about.clone(),
        created: entry.created.timestamp_micros(),
        deadline: entry.deadline.map(|time| time.timestamp_micros()),
        left: entry.left || may_leave,
        failed: match &entry.state {
            State::Failed(error) => Some(error.clone()),
            _ => None,
        },
    };
    // Texts and numbers, which JSON can always express.
    let value = serde_json::to_vec(&kept).unwrap_or_default();
    Change::put(OUTBOX, entry.key(), value)
}

/// Forgets an entry.
pub(super) fn delete(entry: &Entry) -> Change {
    Change::delete(OUTBOX, entry.key())
}

/// What an earlier process left.
#[derive(Default)]
pub(super) struct Loaded {
    /// What can be read, in order.
    pub(super) entries: Vec<Entry>,
    /// A number that none has.
    pub(super) next: u64,
}

/// Reads all that is there. What cannot be read is left where it is, for a version that can.
pub(super) async fn load(store: &AccountStore) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    let mut scan = Scan::all();
    loop {
        let page = store.scan(OUTBOX, scan.clone()).await?;
        let Some(last) = page.entries.last() else {
            return Ok(loaded);
        };
        let next = last.key.clone();
        for entry in page.entries {
            let Ok(number) = u64::from_str_radix(&entry.key, 16) else {
                tracing::warn!("an entry of the outbox has a key that is none");
                continue;
            };
            loaded.next = loaded.next.max(number.saturating_add(1));
            match serde_json::from_slice(&entry.value) {
                Ok(kept) => loaded.entries.push(restored(number, kept)),
                Err(_) => tracing::warn!(number, "an entry of the outbox cannot be read"),
            }
        }
        if !page.more {
            return Ok(loaded);
        }
        scan = scan.after(next);
    }
}

fn restored(number: u64, kept: Kept) -> Entry {
    let time = |micros| DateTime::from_timestamp_micros(micros);
    Entry {
        number,
        lane: kept.lane,
        id: kept.id,
        stanza: kept.stanza,
        about: kept.about,
        created: time(kept.created).unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
        deadline: kept.deadline.and_then(time),
        state: match kept.failed {
            Some(error) => State::Failed(error),
            None => State::Waiting,
        },
        left: kept.left,
        is_marked: kept.left,
        attempt: 0,
        turned_away: 0,
    }
}
