//! How connections to a file are made.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, ffi};

use crate::error::OpenError;
use crate::schema::{self, NEWEST, Unusable};

/// How long it is waited for another process that writes.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many pages of 4 KiB the log of writes has before it is folded into the file.
const PAGES_OF_LOG: i64 = 4_000;
/// How much of the file the connection that writes keeps in memory.
const KIB_OF_CACHE: i64 = 8_000;
/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 64;

/// The connection that writes; the file has the newest version then.
pub(crate) fn writer(path: &Path) -> Result<Connection, OpenError> {
    let failed = |error| OpenError::new(path, error);
    make_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    // Before anything is written, so that a file of others stays as it is.
    schema::check(&connection).map_err(|unusable| refused(path, unusable))?;
    set_up(&connection).map_err(failed)?;
    schema::migrate(&mut connection).map_err(|unusable| refused(path, unusable))?;
    Ok(connection)
}

/// A connection that reads.
pub(crate) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let failed = |error| OpenError::new(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Makes an empty file for its owner alone, unless there is one; SQLite gives the files beside it the same permission.
fn make_private(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => can_be_written(path),
        Err(source) => Err(OpenError::NotMade {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Whether a file that is there can be written: SQLite says only that it cannot be opened.
fn can_be_written(path: &Path) -> Result<(), OpenError> {
    match OpenOptions::new().write(true).open(path) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            let code = ffi::Error::new(ffi::SQLITE_READONLY);
            let source = rusqlite::Error::SqliteFailure(code, Some(error.to_string()));
            Err(OpenError::new(path, source))
        }
        // Whatever else is wrong with it, SQLite finds out.
        _ => Ok(()),
    }
}

fn set_up(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A killed process loses nothing; a power failure may lose the newest writes, never the file.
    connection.pragma_update(None, "synchronous", "normal")?;
    // The ids of messages are all over the table of names: the same pages are written again and again, and go into the file once.
    connection.pragma_update(None, "wal_autocheckpoint", PAGES_OF_LOG)?;
    connection.pragma_update(None, "cache_size", -KIB_OF_CACHE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is overwritten: messages and keys are private.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)
}

fn refused(path: &Path, unusable: Unusable) -> OpenError {
    let path = path.to_owned();
    match unusable {
        Unusable::Foreign => OpenError::Foreign { path },
        Unusable::Newer(found) => OpenError::Newer {
            path,
            found,
            known: NEWEST,
        },
        Unusable::Sqlite(error) => OpenError::new(&path, error),
    }
}
