//! What a write does.

use std::fmt;

use super::error::StoreError;
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

    /// Whether key and value are small enough; backends ask this of every change before they make the first.
    ///
    /// # Errors
    ///
    /// The key is longer than [`MAX_KEY_BYTES`] or the value larger than [`MAX_VALUE_BYTES`].
    pub fn check(&self) -> Result<(), StoreError> {
        let Self::Put {
            namespace,
            key,
            value,
        } = self
        else {
            return Ok(());
        };
        if key.len() > MAX_KEY_BYTES {
            return Err(StoreError::KeyTooLong { bytes: key.len() });
        }
        if value.len() > MAX_VALUE_BYTES {
            return Err(StoreError::ValueTooLarge {
                namespace: namespace.name(),
                bytes: value.len(),
                limit: MAX_VALUE_BYTES,
            });
        }
        Ok(())
    }
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
            Self::Delete { namespace, key } => write!(f, "delete {} {key:?}", namespace.name()),
            Self::DeletePrefix { namespace, prefix } => {
                write!(f, "delete {} {prefix:?}*", namespace.name())
            }
        }
    }
}
