//! Secrets, in a table of their own.

use converse_core::store::{MAX_KEY_BYTES, MAX_SECRET_BYTES, MAX_SECRETS, SecretBytes, StoreError};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::entries::add_account;
use crate::error::failed;

pub(crate) fn get(
    connection: &Connection,
    account: &str,
    name: &str,
) -> Result<Option<SecretBytes>, StoreError> {
    let sql =
        "SELECT value FROM secrets JOIN accounts ON id = account WHERE jid = ?1 AND name = ?2";
    let read = || {
        let mut statement = connection.prepare_cached(sql)?;
        statement
            .query_row((account, name), |row| row.get::<_, Vec<u8>>(0))
            .optional()
    };
    let secret = read().map_err(failed("read a secret"))?;
    Ok(secret.map(SecretBytes::new))
}

pub(crate) fn put(
    connection: &Connection,
    account: &str,
    name: &str,
    secret: Option<&SecretBytes>,
) -> Result<(), StoreError> {
    let failed = failed("write a secret");
    let account = add_account(connection, account).map_err(&failed)?;
    let remove = || {
        connection
            .prepare_cached("DELETE FROM secrets WHERE account = ?1 AND name = ?2")?
            .execute(params![account, name])
    };
    let Some(secret) = secret else {
        return remove().map(drop).map_err(&failed);
    };
    let secret = secret.expose();
    if name.len() > MAX_KEY_BYTES {
        return Err(StoreError::KeyTooLong { bytes: name.len() });
    }
    if secret.len() > MAX_SECRET_BYTES {
        return Err(StoreError::ValueTooLarge {
            namespace: "secrets",
            bytes: secret.len(),
            limit: MAX_SECRET_BYTES,
        });
    }
    remove().map_err(&failed)?;
    let count = || {
        connection
            .prepare_cached("SELECT count(*) FROM secrets WHERE account = ?1")?
            .query_row([account], |row| row.get::<_, usize>(0))
    };
    if count().map_err(&failed)? >= MAX_SECRETS {
        return Err(StoreError::Full {
            namespace: "secrets",
            limit: MAX_SECRETS,
        });
    }
    let add = || {
        connection
            .prepare_cached("INSERT INTO secrets (account, name, value) VALUES (?1, ?2, ?3)")?
            .execute(params![account, name, secret])
    };
    add().map(drop).map_err(&failed)
}
