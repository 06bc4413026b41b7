//! Whoever fetches what archives have: a plugin, which may not be there.

use converse_core::api::Api;
use converse_core::contract::{ArchivePage, FetchArchive};
use converse_core::settings::Key;
use converse_core::{Error, ErrorKind};

use super::catch_up::Limits;

/// The plugin that fetches what archives have.
const FETCHER: &str = "converse-mam";

/// How many messages of an archive are fetched at once.
const PAGE_SIZE: Key<u32> = Key::new("archived_messages_page_size");

/// Whether anybody fetches what archives have.
#[must_use]
pub fn has_archives(api: &Api) -> bool {
    api.has_plugin(FETCHER)
}

/// A page of an archive.
///
/// # Errors
///
/// What the archive answers, and [`ErrorKind::Closed`] when the instance ends before it has.
pub async fn fetch(api: &Api, request: FetchArchive) -> Result<ArchivePage, Error> {
    let answer = api.bus().call(request).await?;
    answer.await.unwrap_or_else(|_| {
        let gone = "the archive was not read: the instance has been torn down";
        Err(Error::new(ErrorKind::Closed, gone))
    })
}

impl Limits {
    /// As the setting `archived_messages_page_size` says.
    #[must_use]
    pub fn of(api: &Api) -> Self {
        let limits = Self::default();
        let page = api.settings().read(&PAGE_SIZE).unwrap_or(limits.page);
        Self {
            page: page.max(1),
            ..limits
        }
    }
}
