//! What a write does.

use std::fmt;

use super::error::StoreError;
use super::log::{Place, Record};
use super::namespace::Namespace;
use super::{MAX_KEY_BYTES, MAX_VALUE_BYTES};

/// One step of a write; its `Debug` shows the size of the value only.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// Sets the value of a key.
    Put {
        /// The table.
        namespace: Namespace,
        /// The key.
        key: String,
        /// The value.
        value: Vec<u8>,
    },
    /// Sets the value of a key in the namespace of this name, whatever the limit of that: what a
    /// [transfer](crate::store::transfer) does.
    Restore {
        /// The name of the table.
        namespace: String,
        /// The key.
        key: String,
        /// The value.
        value: Vec<u8>,
    },
    /// Removes a key, if it is there.
    Delete {
        /// The table.
        namespace: Namespace,
        /// The key.
        key: String,
    },
    /// Removes every key that begins with `prefix`; all of them if it is empty.
    DeletePrefix {
        /// The table.
        namespace: Namespace,
        /// What the keys begin with.
        prefix: String,
    },
    /// Sets a record of a log, in the place of the one that has its key.
    PutRecord {
        /// Which log.
        log: String,
        /// The record.
        record: Record,
    },
    /// Removes a record, if it is there.
    DeleteRecord {
        /// Which log.
        log: String,
        /// Its key.
        key: String,
    },
    /// Removes all records of a log but the newest, and those that are [pinned](Record::pin).
    Prune {
        /// Which log.
        log: String,
        /// How many stay; with zero, the log is gone, with what is pinned in it.
        keep: usize,
        /// What is older than this place goes, even if it is among them.
        before: Option<Place>,
    },
}

impl Change {
    /// Sets `key` to `value`.
    pub fn put(namespace: Namespace, key: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Self::Put {
            namespace,
            key: key.into(),
            value: value.into(),
        }
    }

    /// Removes `key`.
    pub fn delete(namespace: Namespace, key: impl Into<String>) -> Self {
        Self::Delete {
            namespace,
            key: key.into(),
        }
    }

    /// Removes what begins with `prefix`.
    pub fn delete_prefix(namespace: Namespace, prefix: impl Into<String>) -> Self {
        Self::DeletePrefix {
            namespace,
            prefix: prefix.into(),
        }
    }

    /// Sets a record of a log.
    pub fn put_record(log: impl Into<String>, record: Record) -> Self {
        Self::PutRecord {
            log: log.into(),
            record,
        }
    }

    /// Removes a record.
    pub fn delete_record(log: impl Into<String>, key: impl Into<String>) -> Self {
        Self::DeleteRecord {
            log: log.into(),
            key: key.into(),
        }
    }

    /// Removes a log.
    pub fn delete_log(log: impl Into<String>) -> Self {
        Self::Prune {
            log: log.into(),
            keep: 0,
            before: None,
        }
    }

    /// Whether key and value are small enough; backends ask this of every change before they make the first.
    ///
    /// # Errors
    ///
    /// The key is longer than [`MAX_KEY_BYTES`] or the value larger than [`MAX_VALUE_BYTES`]; for records, see
    /// [`Record::check`].
    pub fn check(&self) -> Result<(), StoreError> {
        let (namespace, key, value) = match self {
            Self::Put {
                namespace,
                key,
                value,
            } => (namespace.name(), key, value),
            Self::Restore {
                namespace,
                key,
                value,
            } => {
                check_key(namespace)?;
                ("a namespace", key, value)
            }
            Self::PutRecord { log, record } => return record.check(log),
            _ => return Ok(()),
        };
        check_key(key)?;
        if value.len() > MAX_VALUE_BYTES {
            return Err(StoreError::ValueTooLarge {
                namespace,
                bytes: value.len(),
                limit: MAX_VALUE_BYTES,
            });
        }
        Ok(())
    }
}

fn check_key(key: &str) -> Result<(), StoreError> {
    if key.len() > MAX_KEY_BYTES {
        return Err(StoreError::KeyTooLong { bytes: key.len() });
    }
    Ok(())
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put {
                namespace,
                key,
                value,
            } => {
                let (name, bytes) = (namespace.name(), value.len());
                write!(f, "put {name} {key:?}: {bytes} bytes")
            }
            Self::Restore {
                namespace,
                key,
                value,
            } => write!(f, "restore {namespace} {key:?}: {} bytes", value.len()),
            Self::Delete { namespace, key } => write!(f, "delete {} {key:?}", namespace.name()),
            Self::DeletePrefix { namespace, prefix } => {
                write!(f, "delete {} {prefix:?}*", namespace.name())
            }
            Self::PutRecord { log, record } => write!(f, "put {log:?} {record:?}"),
            Self::DeleteRecord { log, key } => write!(f, "delete {log:?} {key:?}"),
            Self::Prune { log, keep, before } => {
                write!(f, "prune {log:?} to {keep}, not before {before:?}")
            }
        }
    }
}
