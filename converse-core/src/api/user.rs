//! The **user** grouping of the 3.2 document.

mod account;
use std::time::Duration;

use jid::Jid;
use serde::Deserialize;

use crate::api::Api;
use crate::contract::UserActive;
use crate::error::Error;
use crate::session::Login;
use crate::settings::Secret;

/// The credentials of a login; what is missing is taken from the settings.
///
/// ```
/// use converse_core::api::LoginOptions;
///
/// let options = LoginOptions::new("romeo@montague.example", "secret");
/// assert_eq!(format!("{options:?}"), r#"LoginOptions { jid: Some("romeo@montague.example"), .. }"#);
/// ```
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LoginOptions {
    /// The account's address, bare or with the resource to ask for.
    #[serde(default)]
    pub jid: Option<String>,
    /// The password.
    #[serde(default)]
    pub password: Option<Secret>,
}

impl std::fmt::Debug for LoginOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginOptions")
            .field("jid", &self.jid)
            .finish_non_exhaustive()
    }
}

impl LoginOptions {
    /// With an address and a password.
    pub fn new(jid: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            jid: Some(jid.into()),
            password: Some(Secret::new(password.into())),
        }
    }
}

/// What comes from the settings when `login` is given nothing.
impl From<()> for LoginOptions {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<(&str, &str)> for LoginOptions {
    fn from((jid, password): (&str, &str)) -> Self {
        Self::new(jid, password)
    }
}

/// Functions of the user who is logged in.
#[derive(Debug, Clone)]
pub struct User {
    api: Api,
}

impl User {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }

    /// The API this grouping belongs to, for extension traits.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The user's full JID as the server bound it; after a loss the last one, before the first login `None`.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// assert_eq!(api.user().jid(), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn jid(&self) -> Option<Jid> {
        self.api.session().jid()
    }

    /// Says that the user does something: types, clicks, comes back to the window. Whatever depends on whether somebody is
    /// there (an automatic `away`, client state indication, chat states) goes by this.
    ///
    /// It is cheap enough for each key press: [`UserActive`] is announced at most once a second. Logging in is activity too.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// use std::time::Duration;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// api.user().active();
    /// assert!(api.user().idle() < Duration::from_secs(60));
    /// # Ok(())
    /// # }
    /// ```
    pub fn active(&self) {
        if self.api.activity().note() {
            self.api.publish(UserActive::default());
        }
    }

    /// For how long the user has done nothing, by what [`active`](Self::active) was told; at first since the instance
    /// started.
    #[must_use]
    pub fn idle(&self) -> Duration {
        self.api.activity().idle()
    }

    /// Logs the user in: `login(())` with what the settings say, `login(("romeo@montague.example", "secret"))`, or
    /// [`LoginOptions`].
    ///
    /// An address without a resource gets a random one. With `auto_reconnect`, an unreachable server is tried again with
    /// growing waits; this call gives up waiting after the setting `login_timeout`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) or `InvalidArgument` before anything is sent,
    /// [`ErrorKind::AuthFailed`](crate::ErrorKind::AuthFailed) once and without another try,
    /// [`ErrorKind::ConnectFailed`](crate::ErrorKind::ConnectFailed) with what was tried,
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when there is a session already.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// api.user().login(("romeo@montague.example", "secret")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn login(&self, options: impl Into<LoginOptions>) -> Result<(), Error> {
        let options = options.into();
        self.active();
        let login = Login::from_settings(
            &self.api.settings(),
            options.jid.as_deref(),
            options.password,
        )?;
        self.api.stores().reopen().await;
        self.api.session().login(login).await
    }

    /// Logs the user out: ends the session, then announces `logout` and `disconnected`. There is no reconnection.
    ///
    /// Whoever waits for a promise of the session (`roster` and the like) gets an error, as at every other end of a
    /// session that no reconnection follows; the next login keeps these promises anew.
    ///
    /// With the setting `clear_store_on_logout`, all that is kept for the account is removed when this returns, secrets and messages
    /// included, and [`StoreCleared`](crate::api::StoreCleared) was announced. Until the next login nothing is kept for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) when the instance is gone;
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) when the user is logged out, and what is kept could not be removed.
    pub async fn logout(&self) -> Result<(), Error> {
        self.api.session().logout().await?;
        self.api.write_down().await;
        self.api.clear_after_logout().await
    }
}
