//! Records of logs.

use converse_core::store::{
    LogPage, LogScan, LogSummary, MAX_PAGE_BYTES, MAX_PAGE_ENTRIES, Place, Record, StoreError,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::entries::add_account;
use crate::error::failed;

/// How many records of one microsecond have ids in the order of their time; more take the ids after it.
const IDS_A_MICROSECOND: i64 = 1_024;

type Outcome<T> = Result<T, rusqlite::Error>;

/// What is read of a record; its names are read apart.
const COLUMNS: &str = "records.id, key, micros, number, text, value";

pub(crate) fn get(
    connection: &Connection,
    account: &str,
    log: &str,
    name: &str,
) -> Result<Option<Record>, StoreError> {
    let read = || {
        let Some((log, _)) = find_log(connection, account, log)? else {
            return Ok(None);
        };
        let by_key = format!("SELECT {COLUMNS} FROM records WHERE log = ?1 AND key = ?2");
        let by_name = format!(
            "SELECT {COLUMNS} FROM record_names JOIN records ON records.id = record \
             WHERE record_names.log = ?1 AND name = ?2"
        );
        for sql in [by_key, by_name] {
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_row(params![log, name], record).optional()?;
            if let Some((id, mut record)) = found {
                record.names = names(connection, id)?;
                return Ok(Some(record));
            }
        }
        Ok(None)
    };
    read().map_err(failed("read a record"))
}

pub(crate) fn scan(
    connection: &Connection,
    account: &str,
    scan: &LogScan,
) -> Result<LogPage, StoreError> {
    page(connection, account, scan).map_err(failed("read a page of records"))
}

fn page(connection: &Connection, account: &str, scan: &LogScan) -> Outcome<LogPage> {
    let Some((log, _)) = find_log(connection, account, &scan.log)? else {
        return Ok(LogPage::default());
    };
    let (compare, order) = if scan.reverse {
        ("<", "DESC")
    } else {
        (">", "ASC")
    };
    let beyond = match scan.beyond {
        Some(_) => format!("AND (micros, number) {compare} (?2, ?3)"),
        None => String::new(),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM records WHERE log = ?1 {beyond} \
         ORDER BY micros {order}, number {order}, key {order} LIMIT ?4"
    );
    let place = scan.beyond.unwrap_or_default();
    let limit = scan.limit.min(MAX_PAGE_ENTRIES);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![log, place.micros, place.number, limit + 1])?;
    let (mut page, mut bytes) = (LogPage::default(), 0);
    while let Some(row) = rows.next()? {
        if page.records.len() >= limit {
            page.more = true;
            break;
        }
        let (id, mut record) = record(row)?;
        record.names = names(connection, id)?;
        bytes += record.size();
        if bytes > MAX_PAGE_BYTES && !page.records.is_empty() {
            page.more = true;
            break;
        }
        page.records.push(record);
    }
    Ok(page)
}

pub(crate) fn logs(connection: &Connection, account: &str) -> Result<Vec<LogSummary>, StoreError> {
    let read = || {
        let sql = "SELECT logs.id, name, records FROM logs JOIN accounts ON accounts.id = account \
            WHERE jid = ?1 AND records > 0 ORDER BY name";
        let newest = "SELECT micros, number FROM records WHERE log = ?1 \
            ORDER BY micros DESC, number DESC LIMIT 1";
        let mut statement = connection.prepare_cached(sql)?;
        let logs = statement.query_map([account], |row| {
            let id: i64 = row.get(0)?;
            let newest = connection
                .prepare_cached(newest)?
                .query_row([id], |row| Ok(Place::new(row.get(0)?, row.get(1)?)));
            Ok(LogSummary {
                log: row.get(1)?,
                records: row.get(2)?,
                newest: newest.optional()?,
            })
        })?;
        logs.collect::<Outcome<_>>()
    };
    read().map_err(failed("read the logs"))
}

/// Sets a record, in the transaction of the caller.
pub(crate) fn put(
    connection: &Connection,
    account: &str,
    log: &str,
    record: &Record,
) -> Outcome<()> {
    let (account, log, mut count) = find_or_add_log(connection, account, log)?;
    count = count.saturating_sub(remove(connection, log, &record.key)?);
    let id = free_id(connection, record.place)?;
    connection
        .prepare_cached(
            "INSERT INTO records (id, log, key, micros, number, text, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id,
            log,
            record.key,
            record.place.micros,
            record.place.number,
            record.text,
            record.value
        ])?;
    for name in &record.names {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO record_names (log, name, record) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![log, name, id])?;
    }
    if let Some(text) = &record.text {
        connection
            .prepare_cached("INSERT INTO words (rowid, place, text) VALUES (?1, ?2, ?3)")?
            .execute(params![id, format!("a{account} l{log}"), text])?;
    }
    set_count(connection, log, count + 1)
}

/// An id that is not taken, where the time of a record would have it or soon after.
fn free_id(connection: &Connection, place: Place) -> Outcome<i64> {
    let wanted = place
        .micros
        .saturating_mul(IDS_A_MICROSECOND)
        .clamp(i64::MIN / 2, i64::MAX / 2);
    // One step for all that have the same time: what is taken without a gap is passed over.
    let sql = "SELECT ifnull(max(id), ?1 - 1) + 1 FROM records WHERE id BETWEEN ?1 AND ?1 + ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut from = wanted;
    loop {
        let next: i64 = statement.query_row([from, IDS_A_MICROSECOND - 1], |row| row.get(0))?;
        if next < from + IDS_A_MICROSECOND {
            return Ok(next);
        }
        from = next;
    }
}

pub(crate) fn delete(connection: &Connection, account: &str, log: &str, key: &str) -> Outcome<()> {
    let Some((log, count)) = find_log(connection, account, log)? else {
        return Ok(());
    };
    let removed = remove(connection, log, key)?;
    set_count(connection, log, count.saturating_sub(removed))
}

pub(crate) fn prune(
    connection: &Connection,
    account: &str,
    log: &str,
    keep: usize,
    before: Option<Place>,
) -> Outcome<()> {
    let Some((log, mut count)) = find_log(connection, account, log)? else {
        return Ok(());
    };
    if let Some(before) = before {
        let sql = "DELETE FROM records WHERE log = ?1 AND (micros, number) < (?2, ?3)";
        count = count.saturating_sub(connection.prepare_cached(sql)?.execute(params![
            log,
            before.micros,
            before.number
        ])?);
    }
    if count > keep {
        let sql = "DELETE FROM records WHERE id IN (SELECT id FROM records WHERE log = ?1 \
            ORDER BY micros, number, key LIMIT ?2)";
        count = count.saturating_sub(
            connection
                .prepare_cached(sql)?
                .execute(params![log, count - keep])?,
        );
    }
    set_count(connection, log, count)
}

fn remove(connection: &Connection, log: i64, key: &str) -> Outcome<usize> {
    connection
        .prepare_cached("DELETE FROM records WHERE log = ?1 AND key = ?2")?
        .execute(params![log, key])
}

/// The number of a log and how many records it has.
pub(crate) fn find_log(
    connection: &Connection,
    account: &str,
    log: &str,
) -> Outcome<Option<(i64, usize)>> {
    let sql = "SELECT logs.id, records FROM logs JOIN accounts ON accounts.id = account \
        WHERE jid = ?1 AND name = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    statement
        .query_row((account, log), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

fn find_or_add_log(
    connection: &Connection,
    account: &str,
    log: &str,
) -> Outcome<(i64, i64, usize)> {
    let number = add_account(connection, account)?;
    if let Some((log, count)) = find_log(connection, account, log)? {
        return Ok((number, log, count));
    }
    connection
        .prepare_cached("INSERT INTO logs (account, name) VALUES (?1, ?2)")?
        .execute(params![number, log])?;
    Ok((number, connection.last_insert_rowid(), 0))
}

fn set_count(connection: &Connection, log: i64, records: usize) -> Outcome<()> {
    connection
        .prepare_cached("UPDATE logs SET records = ?2 WHERE id = ?1")?
        .execute(params![log, records])?;
    Ok(())
}

fn record(row: &Row<'_>) -> Outcome<(i64, Record)> {
    let record = Record {
        key: row.get(1)?,
        names: Vec::new(),
        place: Place::new(row.get(2)?, row.get(3)?),
        text: row.get(4)?,
        value: row.get(5)?,
    };
    Ok((row.get(0)?, record))
}

pub(crate) fn by_id(connection: &Connection, id: i64) -> Outcome<Option<Record>> {
    let sql = format!("SELECT {COLUMNS} FROM records WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([id], record).optional()?;
    let Some((id, mut record)) = found else {
        return Ok(None);
    };
    record.names = names(connection, id)?;
    Ok(Some(record))
}

fn names(connection: &Connection, record: i64) -> Outcome<Vec<String>> {
    let mut statement =
        connection.prepare_cached("SELECT name FROM record_names WHERE record = ?1")?;
    let names = statement.query_map([record], |row| row.get(0))?;
    names.collect()
}
