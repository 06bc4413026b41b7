//! The tables of a file, and how those of an older version become the newest.
//!
//! A released step is never changed; a new version is a new step.

use rusqlite::{Connection, TransactionBehavior};

/// The application id in the header of the file: "CNVS".
const APPLICATION: i64 = 0x434e_5653;

/// The steps in their order; the version of a file is how many of them it has had.
const STEPS: [&str; 2] = [include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// The newest version.
pub(crate) const NEWEST: i64 = STEPS.len() as i64;

/// What a file is that cannot be used.
pub(crate) enum Unusable {
    Foreign,
    Newer(i64),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Looks whether the file is new or one of ours, and not from the future; its version.
pub(crate) fn check(connection: &Connection) -> Result<i64, Unusable> {
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let version = match (application, tables) {
        (APPLICATION, _) => {
            connection.query_row("SELECT max(version) FROM schema_versions", (), |row| {
                row.get(0)
            })?
        }
        (0, 0) => 0,
        _ => return Err(Unusable::Foreign),
    };
    if version > NEWEST {
        return Err(Unusable::Newer(version));
    }
    Ok(version)
}

/// Brings a file to the newest version, in one transaction; an empty one gets all tables.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), Unusable> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = check(&transaction)?;
    for (step, number) in STEPS.iter().zip(1_i64..) {
        if number > version {
            transaction.execute_batch(step)?;
            transaction.execute(
                "INSERT INTO schema_versions (version, applied) VALUES (?1, datetime('now'))",
                [number],
            )?;
        }
    }
    if version < NEWEST {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
    }
    Ok(transaction.commit()?)
}
