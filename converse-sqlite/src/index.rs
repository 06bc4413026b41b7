//! The words of records, noted when there is time.

use converse_core::store::words;
use rusqlite::{Connection, OptionalExtension as _, params};

type Outcome<T> = Result<T, rusqlite::Error>;

/// How many records get their words noted in one transaction.
const CHUNK: usize = 512;
/// How many chunks are noted between two writes at most.
const CHUNKS: usize = 16;
/// How many records wait at most for a time without writes: a search has to read them.
const MOST_WAITING: usize = 20_000;

/// How many pages of the index are written anew in one transaction to get rid of words that were deleted.
const PAGES: i64 = 64;

/// Does a part of what waits; whether there is more.
pub(crate) fn go_on(connection: &Connection) -> bool {
    let outcome = note(connection).and_then(|more| Ok(more || sweep(connection)?));
    outcome.unwrap_or_else(|error| {
        tracing::warn!(%error, "words of records could not be noted; searches read them meanwhile");
        false
    })
}

/// Notes some if too many wait.
pub(crate) fn keep_up(connection: &Connection) {
    let are_too_many = waiting(connection).is_ok_and(|waiting| waiting > MOST_WAITING);
    if are_too_many {
        let _ = (0..CHUNKS).all(|_| note(connection).unwrap_or_default());
    }
}

fn waiting(connection: &Connection) -> Outcome<usize> {
    connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM unindexed LIMIT ?1)")?
        .query_row([MOST_WAITING + 1], |row| row.get(0))
}

fn note(connection: &Connection) -> Outcome<bool> {
    transaction(connection, note_some).map(|noted| noted == CHUNK)
}

fn transaction<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Outcome<T>,
) -> Outcome<T> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let outcome = work(connection);
    let outcome = outcome.and_then(|done| connection.execute_batch("COMMIT").map(|()| done));
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    outcome
}

/// Says, in the transaction of the caller, that words were deleted which nobody shall find any more, not even in the file: the index
/// only notes which records are gone, and keeps their words until it is written anew.
pub(crate) fn forget_deleted(connection: &Connection) -> Outcome<()> {
    let is_empty: bool = connection
        .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM records)")?
        .query_row((), |row| row.get(0))?;
    if is_empty {
        return command(connection, "delete-all", None);
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO facts (name, value) VALUES ('sweep', 0)")?
        .execute(())
        .map(drop)
}

/// Writes a part of the index anew if words are to be forgotten; whether there is more.
fn sweep(connection: &Connection) -> Outcome<bool> {
    let begun: Option<bool> = connection
        .prepare_cached("SELECT value FROM facts WHERE name = 'sweep'")?
        .query_row((), |row| row.get(0))
        .optional()?;
    let Some(begun) = begun else {
        return Ok(false);
    };
    transaction(connection, |connection| {
        let before = connection.total_changes();
        // A negative number begins with all there is; see "The 'merge' Command" of the documentation of FTS5.
        command(
            connection,
            "merge",
            Some(if begun { PAGES } else { -PAGES }),
        )?;
        let is_over = connection.total_changes() - before < 2;
        let sql = if is_over {
            "DELETE FROM facts WHERE name = 'sweep'"
        } else {
            "UPDATE facts SET value = 1 WHERE name = 'sweep'"
        };
        connection.execute(sql, ())?;
        Ok(!is_over)
    })
}

fn command(connection: &Connection, name: &str, argument: Option<i64>) -> Outcome<()> {
    connection
        .prepare_cached("INSERT INTO words (words, rank) VALUES (?1, ?2)")?
        .execute(params![name, argument])
        .map(drop)
}

/// Notes the words of some records in the transaction of the caller; how many.
pub(crate) fn note_some(connection: &Connection) -> Outcome<usize> {
    // Those that come first in the index: it is written in its order then.
    let sql = "SELECT records.id, account, log, text FROM unindexed \
        JOIN records ON records.id = unindexed.id JOIN logs ON logs.id = log \
        ORDER BY unindexed.id LIMIT ?1";
    let mut waiting = connection.prepare_cached(sql)?;
    let mut add =
        connection.prepare_cached("INSERT INTO words (rowid, place, text) VALUES (?1, ?2, ?3)")?;
    let mut rows = waiting.query([CHUNK])?;
    let (mut noted, mut last) = (0, None);
    let mut line = String::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let (account, log): (i64, i64) = (row.get(1)?, row.get(2)?);
        line.clear();
        for word in words(row.get_ref(3)?.as_str_or_null()?.unwrap_or_default()) {
            line.push_str(&word);
            line.push(' ');
        }
        add.execute(params![id, format!("a{account} l{log}"), line])?;
        (noted, last) = (noted + 1, Some(id));
    }
    drop(rows);
    if let Some(last) = last {
        connection
            .prepare_cached("DELETE FROM unindexed WHERE id <= ?1")?
            .execute([last])?;
    }
    Ok(noted)
}
