//! Looking for words.

use converse_core::store::{Found, MAX_PAGE_ENTRIES, Search, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::failed;
use crate::records::{by_id, find_log};

type Outcome<T> = Result<T, rusqlite::Error>;

pub(crate) fn find(
    connection: &Connection,
    account: &str,
    search: &Search,
) -> Result<Vec<Found>, StoreError> {
    look(connection, account, search).map_err(failed("search"))
}

fn look(connection: &Connection, account: &str, search: &Search) -> Outcome<Vec<Found>> {
    let Some(query) = query(connection, account, search)? else {
        return Ok(Vec::new());
    };
    // The ids grow with time: the newest come first, and reading ends as soon as there are enough.
    let sql = "SELECT words.rowid, logs.name FROM words \
        JOIN records ON records.id = words.rowid JOIN logs ON logs.id = log \
        WHERE words MATCH ?1 AND (?2 IS NULL OR (micros, number) < (?2, ?3)) \
        ORDER BY words.rowid DESC LIMIT ?4";
    let before = search.before;
    let limit = search.limit.min(MAX_PAGE_ENTRIES);
    let mut statement = connection.prepare_cached(sql)?;
    let parameters = params![
        query,
        before.map(|place| place.micros),
        before.map(|place| place.number),
        limit
    ];
    let rows = statement.query_map(parameters, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (id, log) = row?;
        if let Some(record) = by_id(connection, id)? {
            found.push(Found { log, record });
        }
    }
    Ok(found)
}

/// What FTS5 is asked; `None` if nothing can be found. Words stand in quotes, so that none of them means anything.
fn query(connection: &Connection, account: &str, search: &Search) -> Outcome<Option<String>> {
    let place = match &search.log {
        Some(log) => find_log(connection, account, log)?.map(|(id, _)| format!("l{id}")),
        None => connection
            .prepare_cached("SELECT id FROM accounts WHERE jid = ?1")?
            .query_row([account], |row| row.get::<_, i64>(0))
            .optional()?
            .map(|id| format!("a{id}")),
    };
    let words = search.words();
    let (Some(place), Some((last, whole))) = (place, words.split_last()) else {
        return Ok(None);
    };
    let mut query = format!("place : \"{place}\" AND text : (");
    for word in whole {
        query.push_str(&format!("\"{word}\" AND "));
    }
    query.push_str(&format!("\"{last}\"*)"));
    Ok(Some(query))
}
