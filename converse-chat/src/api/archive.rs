//! How much of the account's archive is here.

use chrono::{DateTime, Utc};
use converse_core::Error;

use super::Chats;

/// How much of the account's archive is here (XEP-0313).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveProgress {
    /// Messages that were missed are being fetched.
    pub is_running: bool,
    /// The newest message up to which everything is here but the gaps: behind it the next session begins to ask. `None` if
    /// nothing is known of the archive, or nothing is in it.
    pub up_to: Option<ArchivePosition>,
    /// How many gaps there are before it. In a chat they are filled by [`load_older`](super::Messages::load_older).
    pub gaps: usize,
}

/// A message of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchivePosition {
    /// Its id there.
    pub id: String,
    /// When the archive got it or one before it, as the archive says; neither what whoever wrote it says, nor the clock here.
    pub time: Option<DateTime<Utc>>,
}

impl Chats {
    /// How much of what the account's archive has is here.
    ///
    /// Whoever wants to hear of it follows [`CatchingUp`](converse_core::contract::CatchingUp) and
    /// [`CaughtUp`](converse_core::contract::CaughtUp).
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_chat::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let progress = api.chats().archive_progress()?;
    /// assert!(!progress.is_running && progress.up_to.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the plugin does not run.
    pub fn archive_progress(&self) -> Result<ArchiveProgress, Error> {
        let registry = self.registry()?;
        let archive = registry.archive.lock();
        let state = archive.followed.state();
        let cursor = state.cursor();
        Ok(ArchiveProgress {
            is_running: archive.followed.is_busy(),
            up_to: cursor.map(|mark| ArchivePosition {
                id: mark.id.clone(),
                time: mark.time,
            }),
            gaps: state.gaps().len(),
        })
    }
}
