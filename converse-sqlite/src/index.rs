//! The words of records, noted when there is time.

use std::collections::BTreeSet;

use converse_core::store::words;
use rusqlite::types::FromSql;
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

/// The words of the index that begin with something, `most` at most.
pub(crate) fn terms(connection: &Connection, beginning: &str, most: usize) -> Outcome<Vec<String>> {
    let sql = "SELECT term FROM terms WHERE term >= ?1 AND term < ?2 LIMIT ?3";
    let mut terms = connection.prepare_cached(sql)?;
    let end = format!("{beginning}{}", char::MAX);
    let terms = terms.query_map(params![beginning, end, most], |row| row.get(0))?;
    terms.collect()
}

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
        connection.execute("DELETE FROM terms", ())?;
        return command(connection, "delete-all", None);
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO facts (name, value) VALUES ('sweep', 0)")?
        .execute(())
        .map(drop)
}

/// Forgets a part of the words that were deleted, if there are any; whether there is more.
fn sweep(connection: &Connection) -> Outcome<bool> {
    if let Some(begun) = fact(connection, "sweep")? {
        return sweep_index(connection, begun);
    }
    match fact::<String>(connection, "sweep_terms")? {
        Some(last) => sweep_terms(connection, &last),
        None => Ok(false),
    }
}

fn fact<T: FromSql>(connection: &Connection, name: &str) -> Outcome<Option<T>> {
    connection
        .prepare_cached("SELECT value FROM facts WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Writes a part of the index anew.
fn sweep_index(connection: &Connection, begun: bool) -> Outcome<bool> {
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
            "UPDATE OR REPLACE facts SET name = 'sweep_terms', value = '' WHERE name = 'sweep'"
        } else {
            "UPDATE facts SET value = 1 WHERE name = 'sweep'"
        };
        connection.execute(sql, ())?;
        Ok(true)
    })
}

/// Looks at some words behind the `last` one, and removes those that no record has any more.
fn sweep_terms(connection: &Connection, last: &str) -> Outcome<bool> {
    transaction(connection, |connection| {
        let mut terms = connection
            .prepare_cached("SELECT term FROM terms WHERE term > ?1 ORDER BY term LIMIT ?2")?;
        let terms = terms.query_map(params![last, CHUNK], |row| row.get(0))?;
        let terms = terms.collect::<Outcome<Vec<String>>>()?;
        for term in &terms {
            let is_used = connection
                .prepare_cached("SELECT 1 FROM words WHERE words MATCH ?1 LIMIT 1")?
                .exists([format!("text : \"{term}\"")])?;
            if !is_used {
                connection
                    .prepare_cached("DELETE FROM terms WHERE term = ?1")?
                    .execute([term])?;
            }
        }
        match terms.last() {
            Some(last) => connection
                .prepare_cached("UPDATE facts SET value = ?1 WHERE name = 'sweep_terms'")?
                .execute([last])?,
            None => connection.execute("DELETE FROM facts WHERE name = 'sweep_terms'", ())?,
        };
        Ok(!terms.is_empty())
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
    // In their order: they are neighbours in the table then.
    let mut terms = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let (account, log): (i64, i64) = (row.get(1)?, row.get(2)?);
        line.clear();
        for word in words(row.get_ref(3)?.as_str_or_null()?.unwrap_or_default()) {
            line.push_str(&word);
            line.push(' ');
            if !terms.contains(&*word) {
                terms.insert(word.into_owned());
            }
        }
        add.execute(params![id, format!("a{account} l{log}"), line])?;
        (noted, last) = (noted + 1, Some(id));
    }
    drop(rows);
    for term in &terms {
        connection
            .prepare_cached("INSERT OR IGNORE INTO terms (term) VALUES (?1)")?
            .execute([term])?;
    }
    if let Some(last) = last {
        connection
            .prepare_cached("DELETE FROM unindexed WHERE id <= ?1")?
            .execute([last])?;
    }
    Ok(noted)
}
