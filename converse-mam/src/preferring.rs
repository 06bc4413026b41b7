//! Makes the server archive what the setting `message_archiving` says.

use converse_core::api::Api;
use converse_core::{Error, ErrorKind};

use crate::message::ArchivingNotSet;
use crate::model::{ArchivingDefault, Preferences};
use crate::settings::ARCHIVING;
use crate::support;
use crate::wire;

/// What the server archives (XEP-0441 §2.1).
pub(crate) async fn read(api: &Api) -> Result<Preferences, Error> {
    support::require(api, None, None).await?;
    let answer = api.iq(wire::preferences::request()).await?;
    let preferences = wire::preferences::read(&answer)?;
    Ok(preferences.ok_or(wire::preferences::MISSING)?)
}

/// Asks the server to archive this; what it archives from now on.
pub(crate) async fn set(api: &Api, preferences: Preferences) -> Result<Preferences, Error> {
    support::require(api, None, None).await?;
    let answer = api.iq(wire::preferences::change(&preferences)).await?;
    let applied = wire::preferences::read(&answer)?;
    Ok(applied.unwrap_or(preferences))
}

/// Does what the setting says, if it says anything. The lists stay as they are; what is so already is not set again.
pub(crate) async fn apply_setting(api: Api) {
    let wanted = match api.settings().read(&ARCHIVING) {
        Ok(Some(wanted)) => wanted.parse().map_err(Error::from),
        Ok(None) => return,
        Err(error) => Err(error.into()),
    };
    let wanted: ArchivingDefault = match wanted {
        Ok(wanted) => wanted,
        Err(error) => {
            tracing::warn!(%error, "the setting `message_archiving` cannot be read");
            return;
        }
    };
    let failed = match apply(&api, wanted).await {
        Ok(applied) if applied == wanted => return,
        Ok(applied) => ArchivingNotSet::otherwise(wanted, applied),
        Err(error) => match error.kind() {
            ErrorKind::Unsupported => {
                tracing::debug!("there is no archive for which `message_archiving` could be set");
                return;
            }
            // The next session tries again.
            ErrorKind::Disconnected | ErrorKind::Closed => return,
            _ => ArchivingNotSet::refused(wanted, &error),
        },
    };
    tracing::warn!(error = failed.error, "`message_archiving` has not been set");
    api.bus().publish(failed);
}

async fn apply(api: &Api, wanted: ArchivingDefault) -> Result<ArchivingDefault, Error> {
    let mut preferences = read(api).await?;
    if preferences.default == wanted {
        return Ok(wanted);
    }
    preferences.default = wanted;
    Ok(set(api, preferences).await?.default)
}
