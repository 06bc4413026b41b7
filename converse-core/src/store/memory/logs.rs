//! The records of a log, by key, by name and by place.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use crate::store::log::{Found, LogPage, LogScan, LogSummary, Place, Record, Search};
use crate::store::words::Sought;
use crate::store::{MAX_PAGE_BYTES, MAX_PAGE_ENTRIES};

/// Where a record stands, and its key.
type Order = (Place, String);

#[derive(Debug, Default)]
pub(super) struct Log {
    records: BTreeMap<Order, Arc<Record>>,
    places: HashMap<String, Place>,
    /// The key of the record that has a name.
    names: HashMap<String, String>,
}

/// What records of a log were before a write, by key, in the order of the changes.
pub(super) type Steps = Vec<(String, Option<Arc<Record>>)>;

/// What was there before each step of a write, by log.
#[derive(Debug, Default)]
pub(super) struct UndoLogs {
    logs: BTreeMap<String, Steps>,
}

impl UndoLogs {
    pub(super) fn of(&mut self, log: &str) -> &mut Steps {
        self.logs.entry(log.to_owned()).or_default()
    }

    pub(super) fn into_logs(self) -> impl Iterator<Item = (String, Steps)> {
        self.logs.into_iter()
    }
}

impl Log {
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.records.values().map(|record| record.size()).sum()
    }

    pub(super) fn summary(&self, name: &str) -> LogSummary {
        LogSummary {
            log: name.to_owned(),
            records: self.records.len(),
            newest: self.records.keys().next_back().map(|(place, _)| *place),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<Record> {
        let found = self.by_key(name);
        let found = found.or_else(|| self.by_key(self.names.get(name)?));
        found.map(|record| Record::clone(record))
    }

    fn by_key(&self, key: &str) -> Option<&Arc<Record>> {
        let place = self.places.get(key)?;
        self.records.get(&(*place, key.to_owned()))
    }

    /// Adds a record whose key is not there.
    pub(super) fn insert(&mut self, record: Record, used: &mut usize, undo: &mut Steps) {
        for name in &record.names {
            self.take_name(name, used, undo);
        }
        undo.push((record.key.clone(), None));
        self.put(Arc::new(record), used);
    }

    /// Takes a name away from the record that has it.
    fn take_name(&mut self, name: &str, used: &mut usize, undo: &mut Steps) {
        let Some(record) = self.names.get(name).and_then(|key| self.by_key(key)) else {
            return;
        };
        let (key, before) = (record.key.clone(), Arc::clone(record));
        let mut without = Record::clone(record);
        without.names.retain(|other| other != name);
        self.take(&key, used);
        self.put(Arc::new(without), used);
        undo.push((key, Some(before)));
    }

    fn put(&mut self, record: Arc<Record>, used: &mut usize) {
        *used = used.saturating_add(record.size());
        for name in &record.names {
            self.names.insert(name.clone(), record.key.clone());
        }
        self.places.insert(record.key.clone(), record.place);
        self.records
            .insert((record.place, record.key.clone()), record);
    }

    fn take(&mut self, key: &str, used: &mut usize) -> Option<Arc<Record>> {
        let place = self.places.remove(key)?;
        let record = self.records.remove(&(place, key.to_owned()))?;
        *used = used.saturating_sub(record.size());
        for name in &record.names {
            self.names.remove(name);
        }
        Some(record)
    }

    pub(super) fn remove(&mut self, key: &str, used: &mut usize, undo: &mut Steps) {
        if let Some(record) = self.take(key, used) {
            undo.push((key.to_owned(), Some(record)));
        }
    }

    /// Removes the oldest; `false` if there is none.
    pub(super) fn remove_oldest(&mut self, used: &mut usize, undo: &mut Steps) -> bool {
        let oldest = self.records.keys().next().map(|(_, key)| key.clone());
        if let Some(key) = &oldest {
            self.remove(key, used, undo);
        }
        oldest.is_some()
    }

    pub(super) fn prune(
        &mut self,
        keep: usize,
        before: Option<Place>,
        used: &mut usize,
        undo: &mut Steps,
    ) {
        let surplus = self.records.len().saturating_sub(keep);
        let is_old = |(at, (order, _)): &(usize, (&Order, &Arc<Record>))| {
            *at < surplus || before.is_some_and(|before| order.0 < before)
        };
        let oldest = self.records.iter().enumerate().take_while(is_old);
        let gone: Vec<String> = oldest
            .filter(|(_, (_, record))| keep == 0 || !record.is_pinned())
            .map(|(_, (_, record))| record.key.clone())
            .collect();
        for key in gone {
            self.remove(&key, used, undo);
        }
    }

    pub(super) fn take_back(&mut self, steps: Steps, used: &mut usize) {
        for (key, before) in steps.into_iter().rev() {
            self.take(&key, used);
            if let Some(record) = before {
                self.put(record, used);
            }
        }
    }

    pub(super) fn scan(&self, scan: &LogScan) -> LogPage {
        if scan.reverse {
            let beyond = scan.beyond.map(|place| (place, String::new()));
            let end = beyond.map_or(Bound::Unbounded, Bound::Excluded);
            let records = self.records.range((Bound::Unbounded, end));
            return page(records.rev().map(|(_, record)| record), scan.limit);
        }
        let records = self.records.iter();
        let from = scan.beyond.map(next);
        match from {
            Some(Some(from)) => {
                let records = self.records.range((from, String::new())..);
                page(records.map(|(_, record)| record), scan.limit)
            }
            Some(None) => LogPage::default(),
            None => page(records.map(|(_, record)| record), scan.limit),
        }
    }
}

/// The place right after another.
fn next(place: Place) -> Option<Place> {
    match place.number.checked_add(1) {
        Some(number) => Some(Place::new(place.micros, number)),
        None => place
            .micros
            .checked_add(1)
            .map(|micros| Place::new(micros, 0)),
    }
}

fn page<'a>(records: impl Iterator<Item = &'a Arc<Record>>, limit: usize) -> LogPage {
    let limit = limit.min(MAX_PAGE_ENTRIES);
    let mut page = LogPage::default();
    let mut bytes = 0;
    for record in records {
        bytes += record.size();
        let full = page.records.len() >= limit;
        if full || (bytes > MAX_PAGE_BYTES && !page.records.is_empty()) {
            page.more = true;
            break;
        }
        page.records.push(Record::clone(record));
    }
    page
}

pub(super) fn search(logs: &BTreeMap<String, Log>, search: &Search) -> Vec<Found> {
    let Some(sought) = Sought::of(&search.text) else {
        return Vec::new();
    };
    let logs = logs
        .iter()
        .filter(|(name, _)| search.log.as_ref().is_none_or(|log| log == *name));
    let mut found: Vec<(&String, &Arc<Record>)> = logs
        .flat_map(|(name, log)| log.records.values().map(move |record| (name, record)))
        .filter(|(_, record)| search.before.is_none_or(|before| record.place < before))
        .filter(|(_, record)| {
            record
                .text
                .as_deref()
                .is_some_and(|text| sought.is_in(text))
        })
        .collect();
    found.sort_by_key(|(_, record)| std::cmp::Reverse(record.place));
    let limit = search.limit.min(MAX_PAGE_ENTRIES);
    // What stands at the place of the last one belongs to the same page.
    let last = limit.checked_sub(1).and_then(|last| found.get(last));
    let end = last.map_or(limit, |(_, last)| {
        found.partition_point(|(_, it)| it.place >= last.place)
    });
    found.truncate(end);
    let found = found.into_iter();
    found
        .map(|(log, record)| Found {
            log: log.clone(),
            record: Record::clone(record),
        })
        .collect()
}
