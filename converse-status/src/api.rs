//! What an application calls: the **user.status** and **user.status.message** groupings of the 3.2 document.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, User};

use crate::error::StatusError;
use crate::message::SetStatus;
use crate::model::{Own, Presence, Status};
use crate::settings::DEFAULT_STATE;

const PLUGIN: &str = "converse-status";

/// Adds the **status** sub-grouping to [`User`].
pub trait StatusExt {
    /// The user's own chat status.
    fn status(&self) -> UserStatus;
}

impl StatusExt for User {
    fn status(&self) -> UserStatus {
        UserStatus {
            api: self.api().clone(),
        }
    }
}

/// The user's own chat status, also called availability.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_status::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! { "default_state": "away" }).await?;
/// let status = api.user().status();
/// assert_eq!(status.get()?, Status::Away);
///
/// // Without a session it is remembered for the next login.
/// status.set("dnd", "In a meeting").await?;
/// assert_eq!(status.get()?, Status::Dnd);
/// assert_eq!(status.message().get()?.as_deref(), Some("In a meeting"));
/// assert!(status.set("busy", None).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct UserStatus {
    api: Api,
}

impl UserStatus {
    /// The status now; before anything was set the one that the setting `default_state` asks for.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the plugin does not run.
    pub fn get(&self) -> Result<Status, Error> {
        Ok(present(&self.api)?.status)
    }

    /// Sets the status and, if there is one, the status text: `None` leaves the text as it is, an empty one takes it away.
    ///
    /// Everybody who sees the user is told. Without a session, or before the initial presence, it is remembered and told
    /// then. `offline` and `unavailable` are the same to others; neither ends the session.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for anything but `online`, `chat`, `away`,
    /// `dnd`, `xa`, `offline` and `unavailable`, and for a text with characters that XML cannot carry; nothing changes
    /// then.
    pub async fn set<'a, S>(
        &self,
        status: S,
        message: impl Into<Option<&'a str>>,
    ) -> Result<(), Error>
    where
        S: TryInto<Status>,
        StatusError: From<S::Error>,
    {
        let status = status.try_into().map_err(StatusError::from)?;
        let request = SetStatus {
            status: Some(status),
            message: message.into().map(ToOwned::to_owned),
        };
        call(&self.api, request).await
    }

    /// The **message** sub-grouping: the status text.
    #[must_use]
    pub fn message(&self) -> StatusMessage {
        StatusMessage {
            api: self.api.clone(),
        }
    }
}

/// The user's own status text.
#[derive(Debug, Clone)]
pub struct StatusMessage {
    api: Api,
}

impl StatusMessage {
    /// The text now, if there is one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the plugin does not run.
    pub fn get(&self) -> Result<Option<String>, Error> {
        Ok(present(&self.api)?.message)
    }

    /// Sets the text and tells it with the status of now; an empty one takes it away.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a text with characters that XML cannot
    /// carry.
    pub async fn set(&self, message: impl Into<String>) -> Result<(), Error> {
        let request = SetStatus {
            status: None,
            message: Some(message.into()),
        };
        call(&self.api, request).await
    }
}

fn present(api: &Api) -> Result<Presence, Error> {
    let own = api.require::<Arc<Own>>(PLUGIN)?;
    if let Some(presence) = own.get() {
        return Ok(presence);
    }
    let default = api.settings().read(&DEFAULT_STATE)?;
    Ok(Presence {
        status: Status::from_setting(&default)?,
        message: None,
    })
}

async fn call(api: &Api, request: SetStatus) -> Result<(), Error> {
    api.require::<Arc<Own>>(PLUGIN)?;
    api.bus().call(request).await?
}
