//! Which archives there are (XEP-0313 §8), as far as this session has learned.

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::disco::Info;
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

    /// The server of an account.
    pub(crate) fn server_of(own: &BareJid) -> BareJid {
        BareJid::from_parts(None, own.domain())
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
                self.has(api, &own).await? || self.has(api, &Self::server_of(&own)).await?
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
        self.learn(jid, api.discover(&Jid::from(jid.clone())).await)
    }

    /// Notes what somebody says about itself. Who refuses to say, or says nothing that can be read, has no archive.
    ///
    /// # Errors
    ///
    /// Those for which nothing is known now.
    pub(crate) fn learn(&self, jid: &BareJid, info: Result<Info, Error>) -> Result<bool, Error> {
        let has = match info {
            Ok(info) => info.has(ns::MAM),
            Err(error) => match error.kind() {
                ErrorKind::Stanza | ErrorKind::InvalidResponse => false,
                _ => return Err(error),
            },
        };
        if self.known.len() >= MAX_KNOWN {
            self.forget();
        }
        self.known.insert(jid.clone(), has);
        Ok(has)
    }
}
