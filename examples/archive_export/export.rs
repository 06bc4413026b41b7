//! From the archive into the file.

use std::path::PathBuf;
use std::pin::pin;

use chrono::{DateTime, Utc};
use converse::core::plugin::linked_plugins;
use converse::core::router::{Condition, StanzaError};
use converse::mam::Pages;
use converse::prelude::*;

use super::file::{ExportFile, Known};
use super::format::{Format, Heading};

/// What is to be exported, and where to.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    /// The room whose archive it is; without one it is the account's.
    pub(crate) room: Option<BareJid>,
    /// Only messages exchanged with this address.
    pub(crate) with: Option<Jid>,
    /// Only messages of this instant or later.
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) format: Format,
    pub(crate) path: PathBuf,
}

/// How an export ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exported {
    /// Messages that were in the file before.
    pub(crate) before: u64,
    /// Messages that were added.
    pub(crate) added: u64,
    /// Whether everything is there that the archive has; otherwise it was stopped.
    pub(crate) is_complete: bool,
}

impl Export {
    /// Exports until there is no more, or until `stop` says so. After every page `show` is told how many messages the file has,
    /// and how many there are if the archive says so.
    pub(crate) async fn run(
        &self,
        api: &Api,
        stop: impl Future<Output = ()>,
        mut show: impl FnMut(u64, Option<u64>),
    ) -> Result<Exported, BoxError> {
        let mut file = ExportFile::open(&self.path, self.format, &self.heading(api)?)?;
        let before = file.messages();
        show(before, None);
        let mut stop = pin!(stop);
        let mut pages = self.pages(api, file.last());
        let mut is_first = true;
        let is_complete = loop {
            let page = tokio::select! {
                biased;
                () = &mut stop => break false,
                page = pages.next() => page,
            };
            match page {
                Some(Ok(page)) => {
                    file.append(&page.messages)?;
                    is_first = false;
                    show(file.messages(), pages.progress().total);
                }
                Some(Err(error)) => {
                    if is_first
                        && is_forgotten(&error)
                        && let Some(known) = file.mark_gap()?
                    {
                        // The archive keeps messages for a time only, and that of the last one is over: what is there is newer.
                        pages = api.archive().pages(self.query(known.time));
                        is_first = false;
                        continue;
                    }
                    file.finish()?;
                    return Err(error.into());
                }
                None => break true,
            }
        };
        file.finish()?;
        Ok(Exported {
            before,
            added: file.messages() - before,
            is_complete,
        })
    }

    /// What the file says of itself, by which the next run knows that it is to go on with it.
    fn heading(&self, api: &Api) -> Result<Heading, BoxError> {
        let archive = match &self.room {
            Some(room) => room.clone(),
            None => api.user().jid().ok_or("there is no session")?.to_bare(),
        };
        Ok(Heading {
            archive,
            with: self.with.clone(),
            since: self.since,
        })
    }

    fn query(&self, since: Option<DateTime<Utc>>) -> Query {
        let mut query = Query::new();
        query.room = self.room.clone();
        query.with = self.with.clone();
        query.start = since.max(self.since);
        query
    }

    /// The pages behind what is known.
    fn pages(&self, api: &Api, known: Option<&Known>) -> Pages {
        let query = self.query(None);
        api.archive().pages(match known {
            Some(known) => query.after(&known.id),
            None => query,
        })
    }
}

/// The plugins that a client is to do without that only reads archives: then it has no presence, and takes no message from
/// anybody.
pub(crate) fn unwanted_plugins() -> Vec<String> {
    let mut plugins = linked_plugins();
    plugins.retain(|name| name != "converse-mam");
    plugins
}

/// Whether an archive says that it does not have the message from which it was to go on (XEP-0313 §4.3.2).
fn is_forgotten(error: &Error) -> bool {
    let refused = error.cause::<StanzaError>();
    refused.is_some_and(|refused| refused.condition == Condition::ItemNotFound)
}
