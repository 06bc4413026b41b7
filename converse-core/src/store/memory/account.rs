//! What is kept for one account.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::logs::{Log, UndoLogs};
use super::table::{Table, Undo};
use crate::store::backend::Contents;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::log::Record;
use crate::store::namespace::{Namespace, Overflow};
use crate::store::secret::SecretBytes;

#[derive(Default)]
pub(super) struct Account {
    pub(super) tables: HashMap<Cow<'static, str>, Table>,
    pub(super) logs: BTreeMap<String, Log>,
    pub(super) secrets: BTreeMap<String, SecretBytes>,
}

impl Account {
    pub(super) fn contents(&self) -> Contents {
        let tables = self.tables.iter().filter(|(_, table)| table.len() > 0);
        let mut namespaces: Vec<_> = tables
            .map(|(name, table)| (name.to_string(), table.len()))
            .collect();
        namespaces.sort_unstable();
        Contents {
            namespaces,
            secrets: self.secrets.keys().cloned().collect(),
        }
    }

    /// Makes one change and notes in `undo` how to take it back.
    pub(super) fn apply(
        &mut self,
        change: Change,
        used: &mut usize,
        limit: usize,
        undo: &mut Undo,
    ) -> Result<(), StoreError> {
        match change {
            Change::Put {
                namespace,
                key,
                value,
            } => {
                let name = Cow::Borrowed(namespace.name());
                let table = self.tables.entry(name.clone()).or_default();
                undo.replaced(name.clone(), &key, table.remove(&key, used));
                make_room(table, namespace, key.len() + value.len(), used, limit, undo)?;
                table.insert(key, value, used);
            }
            Change::Restore {
                namespace,
                key,
                value,
            } => {
                let name = Cow::Owned(namespace);
                let table = self.tables.entry(Cow::clone(&name)).or_default();
                undo.replaced(name.clone(), &key, table.remove(&key, used));
                if used.saturating_add(key.len() + value.len()) > limit {
                    return Err(StoreError::OutOfSpace { limit });
                }
                table.insert(key, value, used);
            }
            Change::Delete { namespace, key } => {
                let name = Cow::Borrowed(namespace.name());
                if let Some(table) = self.tables.get_mut(&name) {
                    undo.removed(name.clone(), &key, table.remove(&key, used));
                }
            }
            Change::DeletePrefix { namespace, prefix } => {
                let name = Cow::Borrowed(namespace.name());
                if let Some(table) = self.tables.get_mut(&name) {
                    for key in table.keys(&prefix) {
                        undo.removed(name.clone(), &key, table.remove(&key, used));
                    }
                }
            }
            Change::PutRecord { .. } | Change::DeleteRecord { .. } | Change::Prune { .. } => {}
        }
        Ok(())
    }

    pub(super) fn take_back(&mut self, undo: Undo, used: &mut usize) {
        for (name, key, before) in undo.backwards() {
            let table = self.tables.entry(name).or_default();
            table.remove(&key, used);
            if let Some(row) = before {
                table.restore(key, row, used);
            }
        }
    }

    /// Sets a record; if there is no room for it, the oldest of its log make some.
    pub(super) fn put_record(
        &mut self,
        name: String,
        record: Record,
        used: &mut usize,
        limit: usize,
        undo: &mut UndoLogs,
    ) -> Result<(), StoreError> {
        let log = self.logs.entry(name.clone()).or_default();
        log.remove(&record.key, used, undo.of(&name));
        while used.saturating_add(record.size()) > limit {
            if !log.remove_oldest(used, undo.of(&name)) {
                return Err(StoreError::OutOfSpace { limit });
            }
        }
        log.insert(record, used, undo.of(&name));
        Ok(())
    }

    pub(super) fn change_log(&mut self, name: &str, change: impl FnOnce(&mut Log)) {
        if let Some(log) = self.logs.get_mut(name) {
            change(log);
            if log.len() == 0 {
                self.logs.remove(name);
            }
        }
    }

    pub(super) fn take_back_logs(&mut self, undo: UndoLogs, used: &mut usize) {
        for (name, steps) in undo.into_logs() {
            let log = self.logs.entry(name.clone()).or_default();
            log.take_back(steps, used);
            if log.len() == 0 {
                self.logs.remove(&name);
            }
        }
    }
}

/// Sees to it that one entry more of `bytes` bytes fits.
fn make_room(
    table: &mut Table,
    namespace: Namespace,
    bytes: usize,
    used: &mut usize,
    limit: usize,
    undo: &mut Undo,
) -> Result<(), StoreError> {
    loop {
        let error = if table.len() >= namespace.limit() {
            StoreError::Full {
                namespace: namespace.name(),
                limit: namespace.limit(),
            }
        } else if used.saturating_add(bytes) > limit {
            StoreError::OutOfSpace { limit }
        } else {
            return Ok(());
        };
        if namespace.overflow() == Overflow::Refuse {
            return Err(error);
        }
        let Some(oldest) = table.oldest() else {
            return Err(error);
        };
        let name = Cow::Borrowed(namespace.name());
        undo.removed(name, &oldest, table.remove(&oldest, used));
    }
}
