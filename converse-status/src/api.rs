//! What an application calls: the **user.status** and **user.status.message** groupings of the 3.2 document.

mod last_activity;

use std::sync::Arc;

use converse_core::api::{Api, User};
use converse_core::bus::Request;
use converse_core::{Error, ErrorKind};
use jid::Jid;

use crate::error::StatusError;
use crate::message::{SetStatus, Show, Wake};
use crate::model::{Own, OwnResource, Presence, Status};
use crate::settings::PRIORITY;

pub use last_activity::LastActivity;

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
    /// The status now: what was set, or what the setting `default_state` asks for; `away` or `xa` in its place while nobody
    /// is there (settings `auto_away` and `auto_xa`, [`User::active`]).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if the plugin does not run.
    pub fn get(&self) -> Result<Status, Error> {
        Ok(present(&self.api)?.status)
    }

    /// Whether the status is as it is only because nobody is there; activity brings back what was before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if the plugin does not run.
    pub fn is_automatic(&self) -> Result<bool, Error> {
        Ok(own(&self.api)?.automatic().is_some())
    }

    /// Sets the status and, if there is one, the status text: `None` leaves the text as it is, an empty one takes it away.
    ///
    /// Everybody who sees the user is told. Without a session, or before the initial presence, it is remembered and told
    /// then. `offline` and `unavailable` are the same to others; neither ends the session. To set a status is
    /// [activity](User::active).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for anything but `online`, `chat`, `away`, `dnd`, `xa`, `offline` and `unavailable`, and
    /// for a text with characters that XML cannot carry; nothing changes then.
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

    /// The priority of this client among those of the account (RFC 6121 §4.7.2.3): the setting `priority`.
    ///
    /// # Errors
    ///
    /// None but those of [`Settings::read`](converse_core::settings::Settings::read).
    pub fn priority(&self) -> Result<i8, Error> {
        Ok(self.api.settings().read(&PRIORITY)?)
    }

    /// Sets the priority, and tells it if there is a session; a negative one gets no messages to the bare JID. The same as to
    /// set the setting `priority`, but for returning when it has been told.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if the plugin does not run.
    pub async fn set_priority(&self, priority: i8) -> Result<(), Error> {
        self.api.settings().set(PRIORITY.name(), priority)?;
        call(&self.api, Wake::Look).await
    }

    /// The account's other clients that are online, sorted by resource. They are known as long as this client is not
    /// `offline` itself.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if the plugin does not run.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_status::prelude::*;
    /// # fn example(api: Api) -> Result<(), converse_core::Error> {
    /// for client in api.user().status().resources()? {
    ///     println!("{} is {} with priority {}", client.resource, client.status, client.priority);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resources(&self) -> Result<Vec<OwnResource>, Error> {
        Ok(own(&self.api)?.resources())
    }

    /// Shows the presence to somebody who does not see it otherwise (RFC 6121 §4.6), now and at each change until the session
    /// ends, the status becomes `offline`, or it is [hidden](Self::hide_from) again. It works while the status is `offline`
    /// too: then nobody else sees the user.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if `jid` is no JID, or there are too many already; [`ErrorKind::Disconnected`] without
    /// a session.
    pub async fn show_to(&self, jid: &str) -> Result<(), Error> {
        let jid = parse(jid, "user.status.show_to")?;
        call(&self.api, Show::To(jid)).await
    }

    /// Takes back what [`show_to`](Self::show_to) did; for everybody else it does nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if `jid` is no JID.
    pub async fn hide_from(&self, jid: &str) -> Result<(), Error> {
        let jid = parse(jid, "user.status.hide_from")?;
        call(&self.api, Show::NoLonger(jid)).await
    }

    /// Asks when somebody was there last (XEP-0012): for the full JID of a client when it was used, for the bare JID of an
    /// account that is offline when it left, for a server when it started. Only who sees somebody's presence may ask.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if `jid` is no JID, [`ErrorKind::InvalidResponse`] for an answer without a time, and
    /// those of [`Api::iq`].
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_status::prelude::*;
    /// # async fn example(api: Api) -> Result<(), converse_core::Error> {
    /// let last = api.user().status().last_activity("juliet@capulet.example").await?;
    /// println!("Juliet was there at {}: {:?}", last.at, last.text);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn last_activity(&self, jid: &str) -> Result<LastActivity, Error> {
        LastActivity::ask(&self.api, &parse(jid, "user.status.last_activity")?).await
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
    /// [`ErrorKind::Unsupported`] if the plugin does not run.
    pub fn get(&self) -> Result<Option<String>, Error> {
        Ok(present(&self.api)?.message)
    }

    /// Sets the text and tells it with the status of now; an empty one takes it away.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a text with characters that XML cannot carry.
    pub async fn set(&self, message: impl Into<String>) -> Result<(), Error> {
        let request = SetStatus {
            status: None,
            message: Some(message.into()),
        };
        call(&self.api, request).await
    }
}

fn own(api: &Api) -> Result<Arc<Own>, Error> {
    Ok(Arc::clone(&*api.require::<Arc<Own>>(PLUGIN)?))
}

fn present(api: &Api) -> Result<Presence, Error> {
    own(api)?.present(&api.settings())
}

async fn call<R: Request<Response = Result<(), Error>>>(
    api: &Api,
    request: R,
) -> Result<(), Error> {
    own(api)?;
    api.bus().call(request).await?
}

fn parse(jid: &str, argument: &str) -> Result<Jid, Error> {
    Jid::new(jid).map_err(|error| {
        let message = format!("{argument}: `{}` is not a JID", jid.escape_debug());
        Error::new(ErrorKind::InvalidArgument, message).with_source(error)
    })
}
