//! Looking for words.
//!
//! The newest records are read one by one: what many records have is among them. What is further back is found by the index of
//! words, and what is not in it yet, by reading. So neither a word that every record has nor one that none has costs more than some
//! milliseconds, whatever the size of the file; nothing is sorted but a page.

mod hits;

use std::collections::HashMap;

use converse_core::store::{Found, Place, Search, Sought, StoreError};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::error::failed;
use crate::index;
use crate::records::{by_id, find_log, greatest_id};
use hits::{Hit, Hits};

type Outcome<T> = Result<T, rusqlite::Error>;

/// How many of the newest records are read before the index is asked.
const NEWEST: usize = 1_000;
/// How many are read if that finds so many that it promises to find all: the index is slow to begin with what many records have.
const MOST: usize = 10_000;
/// How many words with the same beginning are looked up one by one.
const TERMS: usize = 64;

/// What is read of a record to see whether it is meant.
const COLUMNS: &str = "records.id, log, micros, number, text";

pub(crate) fn find(
    connection: &Connection,
    account: &str,
    search: &Search,
) -> Result<Vec<Found>, StoreError> {
    let read = || {
        // All that follows is one state of the file.
        let transaction = connection.unchecked_transaction()?;
        let found = look(&transaction, account, search)?;
        transaction.commit()?;
        Ok(found)
    };
    read().map_err(failed("search"))
}

/// Where a search looks.
struct Scope {
    /// The only log; none for all of the account.
    log: Option<i64>,
    /// The word that the index has for it.
    place: String,
    /// The names of the logs.
    names: HashMap<i64, String>,
    /// What is found is before this place.
    before: Place,
    /// The greatest id that it can have.
    greatest: i64,
}

fn look(connection: &Connection, account: &str, search: &Search) -> Outcome<Vec<Found>> {
    let Some(sought) = Sought::of(&search.text) else {
        return Ok(Vec::new());
    };
    let Some(scope) = scope(connection, account, search)? else {
        return Ok(Vec::new());
    };
    let mut hits = Hits::new(search.limit);
    if let Some(greatest) = read_newest(connection, &scope, &sought, &mut hits)? {
        read_unindexed(connection, &scope, &sought, greatest, &mut hits)?;
        ask_index(connection, &scope, &sought, greatest, &mut hits)?;
    }
    let mut found = Vec::new();
    for hit in hits.into_newest() {
        let log = scope.names.get(&hit.log).cloned();
        if let (Some(log), Some(record)) = (log, by_id(connection, hit.id)?) {
            found.push(Found { log, record });
        }
    }
    Ok(found)
}

fn scope(connection: &Connection, account: &str, search: &Search) -> Outcome<Option<Scope>> {
    let (before, greatest) = match search.before {
        Some(before) => (before, greatest_id(connection, before)?),
        None => (Place::new(i64::MAX, u32::MAX), i64::MAX),
    };
    let scope = |log, place, names| Scope {
        log,
        place,
        names,
        before,
        greatest,
    };
    if let Some(name) = &search.log {
        let log = find_log(connection, account, name)?;
        return Ok(log.map(|(id, _)| {
            let names = HashMap::from([(id, name.clone())]);
            scope(Some(id), format!("l{id}"), names)
        }));
    }
    let account: Option<i64> = connection
        .prepare_cached("SELECT id FROM accounts WHERE jid = ?1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    let Some(account) = account else {
        return Ok(None);
    };
    let mut logs = connection.prepare_cached("SELECT id, name FROM logs WHERE account = ?1")?;
    let logs = logs.query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names = logs.collect::<Outcome<_>>()?;
    Ok(Some(scope(None, format!("a{account}"), names)))
}

impl Scope {
    /// The record of a row, if it stands where it is looked for.
    fn hit(&self, row: &Row<'_>) -> Outcome<Option<Hit>> {
        let hit = Hit {
            id: row.get(0)?,
            log: row.get(1)?,
            place: Place::new(row.get(2)?, row.get(3)?),
        };
        let is_here = self.names.contains_key(&hit.log) && hit.place < self.before;
        Ok(is_here.then_some(hit))
    }

    /// The same, if its text has what is sought.
    fn hit_by_text(&self, row: &Row<'_>, sought: &Sought) -> Outcome<Option<Hit>> {
        let Some(hit) = self.hit(row)? else {
            return Ok(None);
        };
        let text = row.get_ref(4)?.as_str_or_null()?.unwrap_or_default();
        Ok(sought.is_in(text).then_some(hit))
    }
}

/// Reads the newest records; if that was not enough, the greatest id that there is beyond them.
fn read_newest(
    connection: &Connection,
    scope: &Scope,
    sought: &Sought,
    hits: &mut Hits,
) -> Outcome<Option<i64>> {
    let of_all = format!("SELECT {COLUMNS} FROM records WHERE id <= ?1 ORDER BY id DESC LIMIT ?2");
    let of_log = format!(
        "SELECT {COLUMNS} FROM records WHERE log = ?1 AND (micros, number) < (?3, ?4) \
         ORDER BY micros DESC, number DESC LIMIT ?2"
    );
    let mut statement;
    let mut rows = match scope.log {
        None => {
            statement = connection.prepare_cached(&of_all)?;
            statement.query(params![scope.greatest, MOST])?
        }
        Some(log) => {
            statement = connection.prepare_cached(&of_log)?;
            let before = scope.before;
            statement.query(params![log, MOST, before.micros, before.number])?
        }
    };
    let (mut read, mut last) = (0, None);
    while let Some(row) = rows.next()? {
        if read % NEWEST == 0 && read > 0 && hits.expected(read) > MOST {
            break;
        }
        let id: i64 = row.get(0)?;
        let place = Place::new(row.get(2)?, row.get(3)?);
        let is_enough = match scope.log {
            None => hits.are_enough_at(id),
            Some(_) => hits.are_enough_before(place),
        };
        if is_enough {
            return Ok(None);
        }
        if let Some(hit) = scope.hit_by_text(row, sought)? {
            hits.add(hit);
        }
        (read, last) = (read + 1, Some((id, place)));
    }
    // It has stopped at so many, or there is no more.
    match (last, scope.log) {
        (Some((id, _)), None) if read % NEWEST == 0 => Ok(id.checked_sub(1)),
        (Some((_, place)), Some(_)) if read % NEWEST == 0 => {
            greatest_id(connection, place).map(Some)
        }
        _ => Ok(None),
    }
}

/// Reads the records whose words the index does not have yet.
fn read_unindexed(
    connection: &Connection,
    scope: &Scope,
    sought: &Sought,
    greatest: i64,
    hits: &mut Hits,
) -> Outcome<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM unindexed CROSS JOIN records ON records.id = unindexed.id \
         WHERE unindexed.id <= ?1 ORDER BY unindexed.id DESC"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([greatest])?;
    while let Some(row) = rows.next()? {
        if hits.are_enough_at(row.get(0)?) {
            break;
        }
        if let Some(hit) = scope.hit_by_text(row, sought)? {
            hits.add(hit);
        }
    }
    Ok(())
}

/// Looks words up.
fn ask_index(
    connection: &Connection,
    scope: &Scope,
    sought: &Sought,
    greatest: i64,
    hits: &mut Hits,
) -> Outcome<()> {
    let Some(query) = query(connection, scope, sought)? else {
        return Ok(());
    };
    // Words come by their ids, backwards, one after the other as they are asked for.
    let sql = "SELECT words.rowid, log, micros, number \
        FROM words CROSS JOIN records ON records.id = words.rowid \
        WHERE words MATCH ?1 AND words.rowid <= ?2 ORDER BY words.rowid DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![query, greatest])?;
    while let Some(row) = rows.next()? {
        if hits.are_enough_at(row.get(0)?) {
            break;
        }
        if let Some(hit) = scope.hit(row)? {
            hits.add(hit);
        }
    }
    Ok(())
}

/// What FTS5 is asked; `None` if no record has it. Words stand in quotes, so that none of them means anything.
fn query(connection: &Connection, scope: &Scope, sought: &Sought) -> Outcome<Option<String>> {
    let mut query = format!("place : \"{}\" AND text : (", scope.place);
    for word in &sought.whole {
        query.push_str(&format!("\"{word}\" AND "));
    }
    // For the beginning of a word FTS5 collects all records of all words that begin so before it gives the first. Words that are named
    // it looks up one record after the other; but of those it has to look at each.
    let terms = index::terms(connection, &sought.last, TERMS + 1)?;
    if terms.is_empty() {
        return Ok(None);
    }
    if terms.len() > TERMS {
        query.push_str(&format!("\"{}\"*", sought.last));
    } else {
        let terms: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
        query.push_str(&format!("({})", terms.join(" OR ")));
    }
    query.push(')');
    Ok(Some(query))
}
