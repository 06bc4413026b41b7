//! The **connection** grouping of the 3.2 document.

use crate::api::Api;
use crate::error::Error;
use crate::session::{SessionState, Status};

/// Functions of the connection to the server.
#[derive(Debug, Clone)]
pub struct Connection {
    api: Api,
}

impl Connection {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }

    /// Whether there is an established session: `true` only between bind, or resumption, and loss.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// assert!(!api.connection().connected());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn connected(&self) -> bool {
        self.api.session().is_online()
    }

    /// Terminates the connection; there is no reconnection after it. Without a connection it does nothing.
    ///
    /// What was sent before has left, and is acknowledged where the server does that soon; what was received is kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) when the instance is gone.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// api.connection().disconnect().await?;
    /// assert!(!api.connection().connected());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn disconnect(&self) -> Result<(), Error> {
        self.api.session().disconnect().await?;
        self.api.write_down().await;
        Ok(())
    }

    /// The state of the session. Who wants to hear of every change takes [`Session::watch`](crate::session::Session::watch).
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// assert_eq!(api.connection().state().to_string(), "disconnected");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn state(&self) -> SessionState {
        self.api.session().state()
    }

    /// Stream management and pending requests, for diagnostics.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) when the instance is gone.
    pub async fn status(&self) -> Result<Status, Error> {
        self.api.session().status().await
    }

    /// Tells that the machine's network changed: a waiting attempt starts now, a silent connection is tested now.
    pub async fn network_changed(&self) {
        self.api.session().network_changed().await;
    }
}
