//! From lines to a store.

use std::collections::HashSet;
use std::fmt;

use futures_util::future::try_join_all;
use tokio::io::AsyncBufRead;

use super::line::{AnyHeader, End, Header, Line, RecordLine, SecretLine, ValueLine, decode};
use super::reader::Reader;
use super::{Progress, Told, TransferError, VERSION};
use crate::store::account::AccountStore;
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::log::{Place, Record};
use crate::store::scan::Scan;
use crate::store::secret::SecretBytes;

/// Lines that are written to the store at once, and bytes of them after which it is time for that.
const BATCH: usize = 200;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Reads what an [`Export`](super::Export) wrote.
///
/// What is in the store already stays as it is, so that reading twice is reading once: a value by its key, a record by its key or one
/// of its names.
#[must_use = "an import begins with `read`"]
pub struct Import<'a> {
    store: &'a AccountStore,
    secrets: bool,
    any_account: bool,
    told: Told<'a>,
    progress: Progress,
    /// What the store had when the import began: only there it has to be looked whether something is there already.
    known: Known,
    batch: Vec<Item>,
    bytes: usize,
}

#[derive(Default)]
struct Known {
    namespaces: HashSet<String>,
    logs: HashSet<String>,
}

/// What a line says.
enum Item {
    Value {
        namespace: String,
        key: String,
        value: Vec<u8>,
    },
    Record {
        log: String,
        record: Record,
    },
}

impl fmt::Debug for Import<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Import")
            .field("account", self.store.account())
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

impl<'a> Import<'a> {
    /// Into `store`, without secrets.
    pub fn new(store: &'a AccountStore) -> Self {
        Self {
            store,
            secrets: false,
            any_account: false,
            told: Box::new(|_| {}),
            progress: Progress::default(),
            known: Known::default(),
            batch: Vec::new(),
            bytes: 0,
        }
    }

    /// With the secrets that there are among the lines; otherwise they are passed over.
    pub fn with_secrets(mut self) -> Self {
        self.secrets = true;
        self
    }

    /// Also if it is an export of another account.
    pub fn from_any_account(mut self) -> Self {
        self.any_account = true;
        self
    }

    /// Tells after each batch how far it is.
    pub fn progress(mut self, told: impl FnMut(Progress) + Send + 'a) -> Self {
        self.told = Box::new(told);
        self
    }

    /// Reads all lines into the store; how many they were.
    ///
    /// # Errors
    ///
    /// What [`TransferError`] lists. If the first line is not good, nothing was written; otherwise what is before the line that it
    /// names was, and reading a better file adds the rest.
    pub async fn read(
        mut self,
        from: impl AsyncBufRead + Unpin,
    ) -> Result<Progress, TransferError> {
        let mut reader = Reader::new(from);
        let header = self.header(&mut reader).await?;
        self.progress.total = header.values.saturating_add(header.records);
        let contents = self.store.contents().await?;
        let logs = self.store.logs().await?;
        self.known.namespaces = contents
            .namespaces
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        self.known.logs = logs.into_iter().map(|log| log.log).collect();
        let outcome = self.lines(&mut reader).await;
        // What stands before a bad line is good.
        let written = self.write(reader.number()).await;
        outcome?;
        written?;
        Ok(self.progress)
    }

    async fn header(
        &self,
        reader: &mut Reader<impl AsyncBufRead + Unpin>,
    ) -> Result<Header, TransferError> {
        let line = match reader.next().await {
            Ok(Some(line)) => line,
            Ok(None) | Err(TransferError::TooLong { .. } | TransferError::CutOff { .. }) => {
                return Err(TransferError::Foreign);
            }
            Err(error) => return Err(error),
        };
        let version = serde_json::from_slice::<AnyHeader>(line);
        let version = version.map_err(|_| TransferError::Foreign)?.export.version;
        if version > VERSION {
            return Err(TransferError::Newer { found: version });
        }
        let Ok(Line::Export(header)) = serde_json::from_slice(line) else {
            return Err(TransferError::Foreign);
        };
        let expected = self.store.account();
        if header.account != *expected && !self.any_account {
            return Err(TransferError::OtherAccount {
                found: header.account,
                expected: expected.clone(),
            });
        }
        Ok(header)
    }

    async fn lines(
        &mut self,
        reader: &mut Reader<impl AsyncBufRead + Unpin>,
    ) -> Result<(), TransferError> {
        loop {
            let number = reader.number() + 1;
            let damaged = |column| TransferError::Damaged {
                line: number,
                column,
            };
            let Some(line) = reader.next().await? else {
                return Err(TransferError::CutOff { line: number });
            };
            self.bytes += line.len();
            let line = serde_json::from_slice(line).map_err(|error| damaged(error.column()))?;
            match line {
                Line::Value(line) => self.value(line).ok_or_else(|| damaged(0))?,
                Line::Record(line) => self.record(line).ok_or_else(|| damaged(0))?,
                Line::Secret(line) => self.secret(line, number).await?,
                Line::Export(_) => return Err(damaged(0)),
                Line::End(end) => return self.end(&end, reader).await,
            }
            if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES {
                self.write(number).await?;
            }
        }
    }

    async fn end(
        &self,
        end: &End,
        reader: &mut Reader<impl AsyncBufRead + Unpin>,
    ) -> Result<(), TransferError> {
        let line = reader.number();
        let counted = End {
            values: self.progress.values,
            records: self.progress.records,
            secrets: self.progress.secrets,
        };
        if counted != *end {
            return Err(TransferError::Miscounted { line });
        }
        match reader.next().await {
            Ok(None) => Ok(()),
            Err(TransferError::Io { source }) => Err(source.into()),
            Ok(Some(_)) | Err(_) => Err(TransferError::Surplus { line: line + 1 }),
        }
    }

    fn value(&mut self, line: ValueLine<'_>) -> Option<()> {
        self.batch.push(Item::Value {
            namespace: line.namespace.into_owned(),
            key: line.key.into_owned(),
            value: line.value.into_bytes()?,
        });
        self.progress.values += 1;
        Some(())
    }

    fn record(&mut self, line: RecordLine<'_>) -> Option<()> {
        let record = Record {
            key: line.key.into_owned(),
            names: line.names,
            place: Place::new(line.micros, line.number),
            text: line.found_by.map(std::borrow::Cow::into_owned),
            value: line.value.into_bytes()?,
        };
        let log = line.log.into_owned();
        self.batch.push(Item::Record { log, record });
        self.progress.records += 1;
        Some(())
    }

    async fn secret(&mut self, line: SecretLine<'_>, number: u64) -> Result<(), TransferError> {
        self.progress.secrets += 1;
        let refused = |source| TransferError::Refused {
            line: number,
            source,
        };
        if !self.secrets || self.store.secret(&line.name).await?.is_some() {
            self.progress.skipped += 1;
            return Ok(());
        }
        let secret = decode(&line.base64).ok_or(TransferError::Damaged {
            line: number,
            column: 0,
        })?;
        let secret = SecretBytes::new(secret);
        let kept = self.store.put_secret(&line.name, Some(secret)).await;
        kept.map_err(refused)
    }

    /// Writes the batch, which ends before the line after `number`.
    async fn write(&mut self, number: u64) -> Result<(), TransferError> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        let are_new = batch.iter().map(|item| self.is_new(item));
        let are_new = try_join_all(are_new).await?;
        let (mut changes, mut skipped) = (Vec::new(), 0);
        for (item, is_new) in batch.into_iter().zip(are_new) {
            if is_new {
                changes.push(item.into_change());
            } else {
                skipped += 1;
            }
        }
        self.progress.skipped += skipped;
        if !changes.is_empty() {
            let written = self.store.write(changes).await;
            written.map_err(|source| TransferError::Refused {
                line: number,
                source,
            })?;
        }
        (self.told)(self.progress);
        Ok(())
    }

    /// Whether the store does not have it yet.
    async fn is_new(&self, item: &Item) -> Result<bool, StoreError> {
        match item {
            Item::Value { namespace, key, .. } => {
                if !self.known.namespaces.contains(namespace) {
                    return Ok(true);
                }
                // From the key on, the first.
                let scan = Scan::prefix(key.clone()).limit(1);
                let page = self.store.entries(namespace, scan).await?;
                Ok(page.entries.first().is_none_or(|entry| entry.key != *key))
            }
            Item::Record { log, record } => {
                if !self.known.logs.contains(log) {
                    return Ok(true);
                }
                for name in std::iter::once(&record.key).chain(&record.names) {
                    if self.store.record(log, name).await?.is_some() {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }
}

impl Item {
    fn into_change(self) -> Change {
        match self {
            Self::Value {
                namespace,
                key,
                value,
            } => Change::Restore {
                namespace,
                key,
                value,
            },
            Self::Record { log, record } => Change::put_record(log, record),
        }
    }
}
