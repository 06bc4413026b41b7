//! From a store to lines.

use std::borrow::Cow;
use std::fmt;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::line::{Bytes, End, Header, Line, RecordLine, SecretLine, ValueLine, encode};
use super::{Progress, Told, TransferError, VERSION};
use crate::store::MAX_PAGE_ENTRIES;
use crate::store::account::AccountStore;
use crate::store::backend::Contents;
use crate::store::error::StoreError;
use crate::store::log::{LogPage, LogScan, LogSummary, Place, Record};
use crate::store::scan::Scan;

/// Entries and records that are read at once.
const PAGE: usize = 200;

/// Writes what is kept for an account as lines of JSON, a page at a time.
///
/// What is written to the store meanwhile may be part of it or not.
#[must_use = "an export begins with `write`"]
pub struct Export<'a> {
    store: &'a AccountStore,
    secrets: bool,
    told: Told<'a>,
    progress: Progress,
}

impl fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("account", self.store.account())
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

impl<'a> Export<'a> {
    /// Of what `store` keeps, without its secrets.
    pub fn new(store: &'a AccountStore) -> Self {
        Self {
            store,
            secrets: false,
            told: Box::new(|_| {}),
            progress: Progress::default(),
        }
    }

    /// With its secrets, as anybody can read them: who has the file has the account's keys.
    pub fn with_secrets(mut self) -> Self {
        self.secrets = true;
        self
    }

    /// Tells after each page how far it is.
    pub fn progress(mut self, told: impl FnMut(Progress) + Send + 'a) -> Self {
        self.told = Box::new(told);
        self
    }

    /// Writes all lines; how many they were.
    ///
    /// # Errors
    ///
    /// The store cannot be read, or the lines cannot be written.
    pub async fn write(
        mut self,
        mut to: impl AsyncWrite + Unpin,
    ) -> Result<Progress, TransferError> {
        let contents = self.store.contents().await?;
        let logs = self.store.logs().await?;
        let header = self.header(&contents, &logs);
        self.progress.total = header.values + header.records;
        let mut lines = Lines(Vec::new());
        lines.push(&Line::Export(header))?;
        for (namespace, _) in &contents.namespaces {
            self.values(namespace, &mut lines, &mut to).await?;
        }
        for log in &logs {
            self.records(&log.log, &mut lines, &mut to).await?;
        }
        if self.secrets {
            for name in &contents.secrets {
                self.secret(name, &mut lines).await?;
            }
        }
        lines.push(&Line::End(End {
            values: self.progress.values,
            records: self.progress.records,
            secrets: self.progress.secrets,
        }))?;
        lines.write(&mut to).await?;
        to.flush().await?;
        (self.told)(self.progress);
        Ok(self.progress)
    }

    fn header(&self, contents: &Contents, logs: &[LogSummary]) -> Header {
        let values: usize = contents.namespaces.iter().map(|(_, entries)| entries).sum();
        let records: usize = logs.iter().map(|log| log.records).sum();
        Header {
            version: VERSION,
            account: self.store.account().clone(),
            values: values as u64,
            records: records as u64,
            secrets: self.secrets,
        }
    }

    async fn values(
        &mut self,
        namespace: &str,
        lines: &mut Lines,
        to: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), TransferError> {
        let mut scan = Scan::all().limit(PAGE);
        loop {
            let page = self.store.entries(namespace, scan.clone()).await?;
            for entry in &page.entries {
                lines.push(&Line::Value(ValueLine {
                    namespace: Cow::Borrowed(namespace),
                    key: Cow::Borrowed(&entry.key),
                    value: Bytes::of(&entry.value),
                }))?;
            }
            self.progress.values += page.entries.len() as u64;
            lines.write(to).await?;
            (self.told)(self.progress);
            match page.entries.into_iter().last() {
                Some(last) if page.more => scan = scan.after(last.key),
                _ => return Ok(()),
            }
        }
    }

    async fn records(
        &mut self,
        log: &str,
        lines: &mut Lines,
        to: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), TransferError> {
        let mut scan = LogScan::oldest(log).limit(PAGE);
        loop {
            let mut page = self.store.records(scan.clone()).await?;
            let next = cut_between_places(&mut page);
            for record in &page.records {
                lines.push(&Line::Record(line_of(log, record)))?;
            }
            self.progress.records += page.records.len() as u64;
            lines.write(to).await?;
            (self.told)(self.progress);
            match next {
                Some(Next::Beyond(place)) => {
                    scan = LogScan::oldest(log).beyond(place).limit(PAGE);
                }
                Some(Next::Larger) if scan.limit < MAX_PAGE_ENTRIES => {
                    scan.limit = MAX_PAGE_ENTRIES;
                }
                Some(Next::Larger) => return Err(crowded(log).into()),
                None => return Ok(()),
            }
        }
    }

    async fn secret(&mut self, name: &str, lines: &mut Lines) -> Result<(), TransferError> {
        // One that was removed meanwhile is not there any more.
        if let Some(secret) = self.store.secret(name).await? {
            lines.push(&Line::Secret(SecretLine {
                name: Cow::Borrowed(name),
                base64: encode(secret.expose()),
            }))?;
            self.progress.secrets += 1;
        }
        Ok(())
    }
}

/// Where the next page begins.
enum Next {
    Beyond(Place),
    /// In the same place, with more records.
    Larger,
}

/// Leaves the records of the last place to the next page, which begins at a place; `None` if there is none.
fn cut_between_places(page: &mut LogPage) -> Option<Next> {
    let last = page.records.last().filter(|_| page.more)?.place;
    let before = page.records.partition_point(|record| record.place < last);
    page.records.truncate(before);
    Some(
        page.records
            .last()
            .map_or(Next::Larger, |last| Next::Beyond(last.place)),
    )
}

/// More records at one place than a page can have cannot be told apart.
fn crowded(log: &str) -> StoreError {
    StoreError::Backend {
        action: "go through a log",
        source: format!("more than {MAX_PAGE_ENTRIES} records of {log:?} are at one place").into(),
    }
}

fn line_of<'a>(log: &'a str, record: &'a Record) -> RecordLine<'a> {
    RecordLine {
        log: Cow::Borrowed(log),
        key: Cow::Borrowed(&record.key),
        names: record.names.clone(),
        micros: record.place.micros,
        number: record.place.number,
        found_by: record.text.as_deref().map(Cow::Borrowed),
        value: Bytes::of(&record.value),
    }
}

/// Lines that have yet to be written.
struct Lines(Vec<u8>);

impl Lines {
    fn push(&mut self, line: &Line<'_>) -> Result<(), TransferError> {
        serde_json::to_writer(&mut self.0, line).map_err(std::io::Error::from)?;
        self.0.push(b'\n');
        Ok(())
    }

    async fn write(&mut self, to: &mut (impl AsyncWrite + Unpin)) -> Result<(), TransferError> {
        to.write_all(&self.0).await?;
        self.0.clear();
        Ok(())
    }
}
