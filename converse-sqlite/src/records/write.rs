//! Writing records.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use converse_core::store::{Place, Record};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::read::names_from;
use super::{IDS_A_MICROSECOND, Outcome, drift, find_log, least_id};
use crate::entries::add_account;
use crate::index;

/// How many ids are looked at together at most when one is sought that is free.
const MOST_LOOKED_AT: i64 = 64 * IDS_A_MICROSECOND;

/// The logs of an account that a write touches, each looked up once. Their numbers of records are written by
/// [`finish`](Self::finish).
pub(crate) struct Logs<'a> {
    connection: &'a Connection,
    account: &'a str,
    found: HashMap<String, Log>,
}

#[derive(Clone, Copy)]
struct Log {
    id: i64,
    records: usize,
    before: usize,
}

/// What there is of a record that is written again.
struct Known {
    id: i64,
    is_same: bool,
    names: Option<String>,
}

impl<'a> Logs<'a> {
    pub(crate) fn new(connection: &'a Connection, account: &'a str) -> Self {
        Self {
            connection,
            account,
            found: HashMap::new(),
        }
    }

    fn find(&mut self, log: &str) -> Outcome<Option<Log>> {
        if let Some(found) = self.found.get(log) {
            return Ok(Some(*found));
        }
        let found = find_log(self.connection, self.account, log)?;
        let found = found.map(|(id, records)| Log {
            id,
            records,
            before: records,
        });
        if let Some(found) = found {
            self.found.insert(log.to_owned(), found);
        }
        Ok(found)
    }

    fn find_or_add(&mut self, log: &str) -> Outcome<Log> {
        if let Some(found) = self.find(log)? {
            return Ok(found);
        }
        let account = add_account(self.connection, self.account)?;
        self.connection
            .prepare_cached("INSERT INTO logs (account, name) VALUES (?1, ?2)")?
            .execute(params![account, log])?;
        let added = Log {
            id: self.connection.last_insert_rowid(),
            records: 0,
            before: 0,
        };
        self.found.insert(log.to_owned(), added);
        Ok(added)
    }

    fn count(&mut self, log: &str, change: impl FnOnce(usize) -> usize) {
        if let Entry::Occupied(mut found) = self.found.entry(log.to_owned()) {
            let found = found.get_mut();
            found.records = change(found.records);
        }
    }

    /// Notes how many records there are.
    pub(crate) fn finish(self) -> Outcome<()> {
        for log in self.found.values().filter(|log| log.records != log.before) {
            self.connection
                .prepare_cached("UPDATE logs SET records = ?2 WHERE id = ?1")?
                .execute(params![log.id, log.records])?;
        }
        Ok(())
    }

    /// Sets a record.
    pub(crate) fn put(&mut self, name: &str, record: &Record) -> Outcome<()> {
        let log = self.find_or_add(name)?;
        let names = (!record.names.is_empty()).then(|| names_to(&record.names));
        match self.known(log.id, record)? {
            Some(known) if known.is_same => {
                self.connection
                    .prepare_cached("UPDATE records SET value = ?2, names = ?3 WHERE id = ?1")?
                    .execute(params![known.id, record.value, names])?;
                if known.names != names {
                    self.forget_names(log.id, known.id, known.names.as_deref())?;
                    self.name(log.id, known.id, &record.names)?;
                }
                return Ok(());
            }
            Some(known) => {
                self.connection
                    .prepare_cached("DELETE FROM records WHERE id = ?1")?
                    .execute([known.id])?;
            }
            None => self.count(name, |records| records + 1),
        }
        let id = self.add(log.id, record, names.as_deref())?;
        self.name(log.id, id, &record.names)?;
        if record.text.is_some() {
            self.connection
                .prepare_cached("INSERT INTO unindexed (id) VALUES (?1)")?
                .execute([id])?;
        }
        Ok(())
    }

    fn known(&self, log: i64, record: &Record) -> Outcome<Option<Known>> {
        let sql = "SELECT id, micros = ?3 AND number = ?4 AND text IS ?5, names FROM records \
            WHERE log = ?1 AND key = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let place = record.place;
        let of = params![log, record.key, place.micros, place.number, record.text];
        let found = statement.query_row(of, |row| {
            Ok(Known {
                id: row.get(0)?,
                is_same: row.get(1)?,
                names: row.get(2)?,
            })
        });
        found.optional()
    }

    fn add(&self, log: i64, record: &Record, names: Option<&str>) -> Outcome<i64> {
        let id = self.free_id(record.place)?;
        let sql = "INSERT INTO records (id, log, key, micros, number, text, value, names) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (place, text, value) = (record.place, &record.text, &record.value);
        self.connection.prepare_cached(sql)?.execute(params![
            id,
            log,
            record.key,
            place.micros,
            place.number,
            text,
            value,
            names
        ])?;
        Ok(id)
    }

    /// An id that is not taken, where the time of a record would have it or soon after.
    fn free_id(&self, place: Place) -> Outcome<i64> {
        let least = least_id(place);
        // One step for all that have the same time: what is taken without a gap is passed over.
        let sql = "SELECT max(id) FROM records WHERE id BETWEEN ?1 AND ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (mut from, mut width) = (least, IDS_A_MICROSECOND);
        loop {
            let end = from + width;
            let taken: Option<i64> = statement.query_row([from, end - 1], |row| row.get(0))?;
            match taken {
                None => break,
                Some(taken) if taken + 1 < end => {
                    from = taken + 1;
                    break;
                }
                Some(_) => from = end,
            }
            width = (width * 2).min(MOST_LOOKED_AT);
        }
        self.note_drift(from - least)?;
        Ok(from)
    }

    /// Searches have to know how far behind its time a record can stand.
    fn note_drift(&self, found: i64) -> Outcome<()> {
        if found >= IDS_A_MICROSECOND && found > drift(self.connection)? {
            self.connection
                .prepare_cached("UPDATE facts SET value = ?1 WHERE name = 'drift'")?
                .execute([found])?;
        }
        Ok(())
    }

    /// Gives names to a record; one that another has is taken from that.
    fn name(&self, log: i64, record: i64, names: &[String]) -> Outcome<()> {
        for name in names {
            let sql = "INSERT OR IGNORE INTO record_names (log, name, record) VALUES (?1, ?2, ?3)";
            let mut add = self.connection.prepare_cached(sql)?;
            if add.execute(params![log, name, record])? == 0 {
                self.take_name(log, record, name)?;
            }
        }
        Ok(())
    }

    fn take_name(&self, log: i64, record: i64, name: &str) -> Outcome<()> {
        let owner: i64 = self
            .connection
            .prepare_cached("SELECT record FROM record_names WHERE log = ?1 AND name = ?2")?
            .query_row(params![log, name], |row| row.get(0))?;
        if owner == record {
            return Ok(());
        }
        let sql = "UPDATE records SET names = \
            (SELECT json_group_array(value) FROM json_each(names) WHERE value != ?2) WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![owner, name])?;
        self.connection
            .prepare_cached("UPDATE record_names SET record = ?3 WHERE log = ?1 AND name = ?2")?
            .execute(params![log, name, record])?;
        Ok(())
    }

    fn forget_names(&self, log: i64, record: i64, names: Option<&str>) -> Outcome<()> {
        let names = names.map(names_from).transpose()?;
        for name in names.unwrap_or_default() {
            let sql = "DELETE FROM record_names WHERE log = ?1 AND name = ?2 AND record = ?3";
            self.connection
                .prepare_cached(sql)?
                .execute(params![log, name, record])?;
        }
        Ok(())
    }

    pub(crate) fn delete(&mut self, name: &str, key: &str) -> Outcome<()> {
        let Some(log) = self.find(name)? else {
            return Ok(());
        };
        let removed = self
            .connection
            .prepare_cached("DELETE FROM records WHERE log = ?1 AND key = ?2")?
            .execute(params![log.id, key])?;
        self.count(name, |records| records.saturating_sub(removed));
        Ok(())
    }

    pub(crate) fn prune(&mut self, name: &str, keep: usize, before: Option<Place>) -> Outcome<()> {
        let Some(log) = self.find(name)? else {
            return Ok(());
        };
        // A pin is a name that says the record's key.
        let unpinned = "NOT EXISTS (SELECT 1 FROM record_names AS pins \
            WHERE pins.log = records.log AND name = 'pin:' || records.key)";
        let mut removed = 0;
        if keep == 0 {
            let sql = "DELETE FROM records WHERE log = ?1";
            removed += self.connection.prepare_cached(sql)?.execute([log.id])?;
            index::forget_deleted(self.connection)?;
        } else {
            let surplus = log.records.saturating_sub(keep);
            let sql = format!(
                "DELETE FROM records WHERE {unpinned} AND id IN \
                 (SELECT id FROM records WHERE log = ?1 ORDER BY micros, number, key LIMIT ?2)"
            );
            let mut oldest = self.connection.prepare_cached(&sql)?;
            removed += oldest.execute(params![log.id, surplus])?;
            if let Some(before) = before {
                let sql = format!(
                    "DELETE FROM records WHERE log = ?1 AND (micros, number) < (?2, ?3) AND {unpinned}"
                );
                let old = params![log.id, before.micros, before.number];
                removed += self.connection.prepare_cached(&sql)?.execute(old)?;
            }
        }
        self.count(name, |records| records.saturating_sub(removed));
        Ok(())
    }
}

/// Names as they stand in a row.
fn names_to(names: &[String]) -> String {
    serde_json::Value::from(names).to_string()
}
