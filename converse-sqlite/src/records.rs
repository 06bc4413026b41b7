//! Records of logs.

mod read;
mod write;

use converse_core::store::Place;
use rusqlite::{Connection, OptionalExtension as _, params};

pub(crate) use read::{by_id, get, logs, scan};
pub(crate) use write::Logs;

type Outcome<T> = Result<T, rusqlite::Error>;

/// How many records of one microsecond have ids in the order of their time; more take the ids after it.
const IDS_A_MICROSECOND: i64 = 1_024;

/// The least id that a record of this time has.
pub(crate) fn least_id(place: Place) -> i64 {
    place
        .micros
        .saturating_mul(IDS_A_MICROSECOND)
        .clamp(i64::MIN / 2, i64::MAX / 2)
}

/// The greatest id that a record of this time has.
pub(crate) fn greatest_id(connection: &Connection, place: Place) -> Outcome<i64> {
    let drift = drift(connection)?;
    Ok(least_id(place).saturating_add(drift.max(IDS_A_MICROSECOND)))
}

/// How far an id stands at most behind the least of its time.
fn drift(connection: &Connection) -> Outcome<i64> {
    connection
        .prepare_cached("SELECT value FROM facts WHERE name = 'drift'")?
        .query_row((), |row| row.get(0))
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
        .query_row(params![account, log], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}
