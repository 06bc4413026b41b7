//! Reading records.

use converse_core::store::{
    LogPage, LogScan, LogSummary, MAX_PAGE_BYTES, MAX_PAGE_ENTRIES, Place, Record, StoreError,
};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Outcome, find_log};
use crate::error::failed;

/// What is read of a record.
const COLUMNS: &str = "key, micros, number, text, value, names";

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
            "SELECT {COLUMNS} FROM records WHERE id = \
             (SELECT record FROM record_names WHERE log = ?1 AND name = ?2)"
        );
        for sql in [by_key, by_name] {
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_row(params![log, name], record).optional()?;
            if found.is_some() {
                return Ok(found);
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
        let record = record(row)?;
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

pub(crate) fn by_id(connection: &Connection, id: i64) -> Outcome<Option<Record>> {
    let sql = format!("SELECT {COLUMNS} FROM records WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_row([id], record).optional()
}

fn record(row: &Row<'_>) -> Outcome<Record> {
    let names = match row.get_ref(5)?.as_str_or_null()? {
        Some(names) => names_from(names)?,
        None => Vec::new(),
    };
    Ok(Record {
        key: row.get(0)?,
        names,
        place: Place::new(row.get(1)?, row.get(2)?),
        text: row.get(3)?,
        value: row.get(4)?,
    })
}

/// Names as they stand in a row.
pub(super) fn names_from(json: &str) -> Outcome<Vec<String>> {
    serde_json::from_str(json)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, Type::Text, Box::new(error)))
}
