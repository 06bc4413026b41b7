//! Which archives there are (XEP-0313 §8), as far as this session has learned.

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::{Error, ErrorKind};
use dashmap::DashMap;
use jid::{BareJid, Jid};

use crate::error::ArchiveError;
use crate::ns;

/// Of how many addresses the answer is remembered.
const MAX_KNOWN: usize = 1_000;

/// Who has an archive; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Support {
    known: Arc<DashMap<BareJid, bool>>,
}

impl Support {
    /// Another session, another server perhaps: everything is asked again.
    pub(crate) fn forget(&self) {
        self.known.clear();
    }

    /// Asks the archive, unless it is known: a room itself; for the own archive the account, and if that has none, the
    /// server, where old ones announce it.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Unsupported`] if there is none, and whatever kept the question from being answered.
    pub(crate) async fn require(&self, api: &Api, room: Option<&BareJid>) -> Result<(), Error> {
        let supported = match room {
            Some(room) => self.has(api, room).await?,
            None => {
                let own = api.session().bare_jid().ok_or(ArchiveError::Offline)?;
                let server = BareJid::from_parts(None, own.domain());
                self.has(api, &own).await? || self.has(api, &server).await?
            }
        };
        if supported {
            Ok(())
        } else {
            Err(ArchiveError::Unsupported.into())
        }
    }

    async fn has(&self, api: &Api, jid: &BareJid) -> Result<bool, Error> {
        if let Some(known) = self.known.get(jid).map(|known| *known) {
            return Ok(known);
        }
        let has = match api.discover(&Jid::from(jid.clone())).await {
            Ok(info) => info.has(ns::MAM),
            Err(error)
                if matches!(error.kind(), ErrorKind::Stanza | ErrorKind::InvalidResponse) =>
            {
                tracing::debug!(%jid, %error, "what it can is not known");
                false
            }
            Err(error) => return Err(error),
        };
        if self.known.len() >= MAX_KNOWN {
            self.forget();
        }
        self.known.insert(jid.clone(), has);
        Ok(has)
    }
}
