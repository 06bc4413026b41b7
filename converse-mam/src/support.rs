//! Which archives there are (XEP-0313 §8).

use converse_core::api::Api;
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use crate::error::ArchiveError;
use crate::ns;

/// Asks the archive, unless it is known: a room itself; for the own archive the account, and if that has none, the
/// server, where old ones announce it.
///
/// # Errors
///
/// [`ArchiveError::Unsupported`] if there is none, and whatever kept the question from being answered.
pub(crate) async fn require(api: &Api, room: Option<&BareJid>) -> Result<(), Error> {
    let disco = api.disco();
    let supported = match room {
        Some(room) => disco.supports(room, ns::MAM).await?,
        None => {
            let own = api.session().bare_jid().ok_or(ArchiveError::Offline)?;
            disco.supports(&own, ns::MAM).await? || offers(disco.server().await)?
        }
    };
    if supported {
        Ok(())
    } else {
        Err(ArchiveError::Unsupported.into())
    }
}

/// Whether the server has archives. Who refuses to say, or says nothing that can be read, has none.
fn offers(
    server: Result<std::sync::Arc<converse_core::disco::Info>, Error>,
) -> Result<bool, Error> {
    match server {
        Ok(info) => Ok(info.has(ns::MAM)),
        Err(error) => match error.kind() {
            ErrorKind::Stanza | ErrorKind::InvalidResponse => Ok(false),
            _ => Err(error),
        },
    }
}
