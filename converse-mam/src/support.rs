//! Which archives there are, and what they can (XEP-0313 §8).

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::disco::Info;
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use crate::error::ArchiveError;
use crate::ns;

/// Asks the archive, unless it is known: a room itself; for the own archive the account, and if that has none, the
/// server, where old ones announce it. `extended` names what not every archive can.
///
/// # Errors
///
/// [`ArchiveError::Unsupported`] if there is none, [`ArchiveError::NotExtended`] if it cannot do that, and whatever kept the
/// question from being answered.
pub(crate) async fn require(
    api: &Api,
    room: Option<&BareJid>,
    extended: Option<&'static str>,
) -> Result<(), Error> {
    let info = match room {
        Some(room) => announced(api.disco().info(room).await)?,
        None => {
            let own = api.session().bare_jid().ok_or(ArchiveError::Offline)?;
            match announced(api.disco().info(&own).await)? {
                Some(info) => Some(info),
                None => announced(api.disco().server().await)?,
            }
        }
    };
    let info = info.ok_or(ArchiveError::Unsupported)?;
    match extended {
        Some(what) if !info.has(ns::EXTENDED) => Err(ArchiveError::NotExtended { what }.into()),
        _ => Ok(()),
    }
}

/// What an archive says about itself. Who refuses to say, or says nothing that can be read, has none.
fn announced(info: Result<Arc<Info>, Error>) -> Result<Option<Arc<Info>>, Error> {
    match info {
        Ok(info) => Ok(Some(info).filter(|info| info.has(ns::MAM))),
        Err(error) => match error.kind() {
            ErrorKind::Stanza | ErrorKind::InvalidResponse => Ok(None),
            _ => Err(error),
        },
    }
}
