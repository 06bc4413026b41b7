//! Values by namespace and key.

use std::ops::Bound;

use converse_core::store::{
    Change, Contents, Entry, MAX_PAGE_BYTES, MAX_PAGE_ENTRIES, Namespace, Overflow, Page, Scan,
    StoreError,
};
use rusqlite::{Connection, OptionalExtension as _, ToSql, params};

use crate::error::failed;
use crate::records::Logs;

pub(crate) fn get(
    connection: &Connection,
    account: &str,
    namespace: Namespace,
    key: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT value FROM entries WHERE key = ?3 AND namespace = \
        (SELECT namespaces.id FROM namespaces JOIN accounts ON accounts.id = account WHERE jid = ?1 AND name = ?2)";
    let read = |connection: &Connection| {
        let mut statement = connection.prepare_cached(sql)?;
        statement
            .query_row((account, namespace.name(), key), |row| row.get(0))
            .optional()
    };
    read(connection).map_err(failed("read a value"))
}

pub(crate) fn count(
    connection: &Connection,
    account: &str,
    namespace: Namespace,
) -> Result<usize, StoreError> {
    let found = find(connection, account, namespace.name()).map_err(failed("count entries"))?;
    Ok(found.map_or(0, |found| found.entries))
}

pub(crate) fn contents(connection: &Connection, account: &str) -> Result<Contents, StoreError> {
    let read = || {
        let sql = "SELECT name, entries FROM namespaces JOIN accounts ON accounts.id = account \
            WHERE jid = ?1 AND entries > 0 ORDER BY name";
        let mut namespaces = connection.prepare_cached(sql)?;
        let namespaces = namespaces.query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sql = "SELECT name FROM secrets JOIN accounts ON accounts.id = account \
            WHERE jid = ?1 ORDER BY name";
        let mut secrets = connection.prepare_cached(sql)?;
        let secrets = secrets.query_map([account], |row| row.get(0))?;
        Ok(Contents {
            namespaces: namespaces.collect::<Result<_, rusqlite::Error>>()?,
            secrets: secrets.collect::<Result<_, rusqlite::Error>>()?,
        })
    };
    read().map_err(failed("list what it keeps"))
}

pub(crate) fn scan(
    connection: &Connection,
    account: &str,
    namespace: &str,
    scan: &Scan,
) -> Result<Page, StoreError> {
    let Some(range) = scan.range() else {
        return Ok(Page::default());
    };
    let read = || {
        let Some(found) = find(connection, account, namespace)? else {
            return Ok(Page::default());
        };
        page(connection, found.id, range, scan)
    };
    read().map_err(failed("read a page of entries"))
}

fn page(
    connection: &Connection,
    namespace: i64,
    range: (Bound<String>, Bound<String>),
    scan: &Scan,
) -> Result<Page, rusqlite::Error> {
    let mut sql = "SELECT key, value FROM entries WHERE namespace = ?".to_owned();
    let mut parameters: Vec<Box<dyn ToSql>> = vec![Box::new(namespace)];
    let sides = [
        (range.0, " AND key >= ?", " AND key > ?"),
        (range.1, " AND key <= ?", " AND key < ?"),
    ];
    for (bound, included, excluded) in sides {
        let (condition, key) = match bound {
            Bound::Included(key) => (included, key),
            Bound::Excluded(key) => (excluded, key),
            Bound::Unbounded => continue,
        };
        sql.push_str(condition);
        parameters.push(Box::new(key));
    }
    sql.push_str(if scan.reverse {
        " ORDER BY key DESC"
    } else {
        " ORDER BY key"
    });
    let limit = scan.limit.min(MAX_PAGE_ENTRIES);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&parameters))?;
    let (mut page, mut bytes) = (Page::default(), 0);
    while let Some(row) = rows.next()? {
        if page.entries.len() >= limit {
            page.more = true;
            break;
        }
        let entry = Entry {
            key: row.get(0)?,
            value: row.get(1)?,
        };
        bytes += entry.key.len() + entry.value.len();
        if bytes > MAX_PAGE_BYTES && !page.entries.is_empty() {
            page.more = true;
            break;
        }
        page.entries.push(entry);
    }
    Ok(page)
}

/// Makes changes, in the transaction of the caller.
pub(crate) fn write(
    connection: &Connection,
    account: &str,
    changes: Vec<Change>,
) -> Result<(), StoreError> {
    changes.iter().try_for_each(Change::check)?;
    let mut logs = Logs::new(connection, account);
    changes
        .into_iter()
        .try_for_each(|change| apply(connection, account, &mut logs, change))?;
    logs.finish().map_err(failed("count records"))
}

fn apply(
    connection: &Connection,
    account: &str,
    logs: &mut Logs<'_>,
    change: Change,
) -> Result<(), StoreError> {
    match change {
        Change::Put {
            namespace,
            key,
            value,
        } => put(connection, account, namespace, &key, &value),
        Change::Restore {
            namespace,
            key,
            value,
        } => {
            restore(connection, account, &namespace, &key, &value).map_err(failed("write a value"))
        }
        Change::Delete { namespace, key } => {
            delete(connection, account, namespace, &key).map_err(failed("delete an entry"))
        }
        Change::DeletePrefix { namespace, prefix } => {
            delete_prefix(connection, account, namespace, prefix).map_err(failed("delete entries"))
        }
        Change::PutRecord { log, record } => {
            logs.put(&log, &record).map_err(failed("write a record"))
        }
        Change::DeleteRecord { log, key } => {
            logs.delete(&log, &key).map_err(failed("delete a record"))
        }
        Change::Prune { log, keep, before } => logs
            .prune(&log, keep, before)
            .map_err(failed("prune a log")),
    }
}

fn put(
    connection: &Connection,
    account: &str,
    namespace: Namespace,
    key: &str,
    value: &[u8],
) -> Result<(), StoreError> {
    let failed = failed("write a value");
    let mut space = find_or_add(connection, account, namespace.name()).map_err(&failed)?;
    space.entries = space
        .entries
        .saturating_sub(remove(connection, space.id, key).map_err(&failed)?);
    while space.entries >= namespace.limit() {
        if namespace.overflow() == Overflow::Refuse {
            return Err(StoreError::Full {
                namespace: namespace.name(),
                limit: namespace.limit(),
            });
        }
        let removed = remove_oldest(connection, space.id).map_err(&failed)?;
        if removed == 0 {
            break;
        }
        space.entries = space.entries.saturating_sub(removed);
    }
    add(connection, &space, key, value).map_err(&failed)
}

/// Sets a value whatever the limit of its namespace.
fn restore(
    connection: &Connection,
    account: &str,
    namespace: &str,
    key: &str,
    value: &[u8],
) -> Result<(), rusqlite::Error> {
    let mut space = find_or_add(connection, account, namespace)?;
    let removed = remove(connection, space.id, key)?;
    space.entries = space.entries.saturating_sub(removed);
    add(connection, &space, key, value)
}

fn add(
    connection: &Connection,
    space: &Space,
    key: &str,
    value: &[u8],
) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO entries (namespace, key, value, written) VALUES \
        (?1, ?2, ?3, ifnull((SELECT max(written) FROM entries WHERE namespace = ?1), 0) + 1)";
    connection
        .prepare_cached(sql)?
        .execute(params![space.id, key, value])?;
    set_count(connection, space.id, space.entries + 1)
}

fn delete(
    connection: &Connection,
    account: &str,
    namespace: Namespace,
    key: &str,
) -> Result<(), rusqlite::Error> {
    let Some(space) = find(connection, account, namespace.name())? else {
        return Ok(());
    };
    let removed = remove(connection, space.id, key)?;
    set_count(connection, space.id, space.entries.saturating_sub(removed))
}

fn delete_prefix(
    connection: &Connection,
    account: &str,
    namespace: Namespace,
    prefix: String,
) -> Result<(), rusqlite::Error> {
    let (Some(space), Some((_, end))) = (
        find(connection, account, namespace.name())?,
        Scan::prefix(prefix.clone()).range(),
    ) else {
        return Ok(());
    };
    let removed = match end {
        Bound::Excluded(end) => connection
            .prepare_cached("DELETE FROM entries WHERE namespace = ?1 AND key >= ?2 AND key < ?3")?
            .execute(params![space.id, prefix, end])?,
        _ => connection
            .prepare_cached("DELETE FROM entries WHERE namespace = ?1 AND key >= ?2")?
            .execute(params![space.id, prefix])?,
    };
    set_count(connection, space.id, space.entries.saturating_sub(removed))
}

/// A namespace of an account.
struct Space {
    id: i64,
    entries: usize,
}

fn find(
    connection: &Connection,
    account: &str,
    namespace: &str,
) -> Result<Option<Space>, rusqlite::Error> {
    let sql = "SELECT namespaces.id, entries FROM namespaces JOIN accounts ON accounts.id = account \
        WHERE jid = ?1 AND name = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row((account, namespace), |row| {
        Ok(Space {
            id: row.get(0)?,
            entries: row.get(1)?,
        })
    });
    found.optional()
}

fn find_or_add(
    connection: &Connection,
    account: &str,
    namespace: &str,
) -> Result<Space, rusqlite::Error> {
    if let Some(space) = find(connection, account, namespace)? {
        return Ok(space);
    }
    let account = add_account(connection, account)?;
    connection
        .prepare_cached("INSERT INTO namespaces (account, name) VALUES (?1, ?2)")?
        .execute(params![account, namespace])?;
    Ok(Space {
        id: connection.last_insert_rowid(),
        entries: 0,
    })
}

/// The number of an account; it has one then.
pub(crate) fn add_account(connection: &Connection, account: &str) -> Result<i64, rusqlite::Error> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO accounts (jid) VALUES (?1)")?
        .execute([account])?;
    connection
        .prepare_cached("SELECT id FROM accounts WHERE jid = ?1")?
        .query_row([account], |row| row.get(0))
}

fn remove(connection: &Connection, space: i64, key: &str) -> Result<usize, rusqlite::Error> {
    connection
        .prepare_cached("DELETE FROM entries WHERE namespace = ?1 AND key = ?2")?
        .execute(params![space, key])
}

fn remove_oldest(connection: &Connection, space: i64) -> Result<usize, rusqlite::Error> {
    let sql = "DELETE FROM entries WHERE rowid = \
        (SELECT rowid FROM entries WHERE namespace = ?1 ORDER BY written LIMIT 1)";
    connection.prepare_cached(sql)?.execute([space])
}

fn set_count(connection: &Connection, space: i64, entries: usize) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached("UPDATE namespaces SET entries = ?2 WHERE id = ?1")?
        .execute(params![space, entries])?;
    Ok(())
}
