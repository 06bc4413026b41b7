//! The actor: tells the server what the user's status is.

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::bus::{Answers, Handled, Hears};
use converse_core::contract::{RosterContactsFetched, StatusInitialized};
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::{Error, ErrorKind};

use crate::message::{SetStatus, StatusChanged, StatusMessageChanged};
use crate::model::{Own, Presence, Status};
use crate::settings::{DEFAULT_STATE, PRIORITY};
use crate::wire;

/// The plugin before whose contacts no presence is sent.
const ROSTER: &str = "converse-roster";

pub(crate) struct StatusActor {
    api: Api,
    own: Arc<Own>,
    /// What was sent last in this session; nothing before the initial presence.
    sent: Option<Presence>,
    /// The session's initial presence was due; from then on changes are sent at once.
    introduced: bool,
}

impl StatusActor {
    pub(crate) fn new(api: Api, own: Arc<Own>) -> Self {
        Self {
            api,
            own,
            sent: None,
            introduced: false,
        }
    }
}

// 1 events heard

impl Hears<SessionStarted> for StatusActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if event.resumed {
            return Ok(self.catch_up().await?);
        }
        self.sent = None;
        self.introduced = false;
        let presence = self.present()?;
        self.api
            .publish(StatusInitialized::new(presence.status.as_str()));
        self.own.set(presence);
        if !self.api.has_plugin(ROSTER) {
            self.introduce().await?;
        }
        Ok(())
    }
}

impl Hears<RosterContactsFetched> for StatusActor {
    /// RFC 6121 §2.2: the roster comes before the initial presence.
    async fn hear(&mut self, _: Arc<RosterContactsFetched>) -> Handled {
        Ok(self.introduce().await?)
    }
}

impl Hears<Disconnected> for StatusActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        self.sent = None;
        self.introduced = false;
        Ok(())
    }
}

// 2 requests answered

impl Answers<SetStatus> for StatusActor {
    async fn answer(&mut self, request: SetStatus) -> Result<(), Error> {
        let before = self.present()?;
        let status = request.status.unwrap_or(before.status);
        let after = before.with(status, request.message);
        // What cannot be written as XML is refused before anything changes.
        self.stanza(&after)?;
        self.own.set(after.clone());
        if self.introduced && self.api.session().is_online() {
            self.send(&after).await?;
        }
        if before.status != after.status {
            self.api.publish(StatusChanged {
                status: after.status,
            });
        }
        if before.message != after.message {
            self.api.publish(StatusMessageChanged {
                message: after.message,
            });
        }
        Ok(())
    }
}

// 3 private

impl StatusActor {
    /// What was set, or what the settings say.
    fn present(&self) -> Result<Presence, Error> {
        if let Some(presence) = self.own.get() {
            return Ok(presence);
        }
        let default = self.api.settings().read(&DEFAULT_STATE)?;
        Ok(Presence {
            status: Status::from_setting(&default)?,
            message: None,
        })
    }

    /// Sends the initial presence, once a session; somebody who does not want to be seen sends none.
    async fn introduce(&mut self) -> Result<(), Error> {
        if self.introduced || !self.api.session().is_online() {
            return Ok(());
        }
        self.introduced = true;
        let presence = self.present()?;
        if presence.status.is_available() {
            self.send(&presence).await?;
        }
        Ok(())
    }

    /// What changed while the connection was lost is told now.
    async fn catch_up(&mut self) -> Result<(), Error> {
        let presence = self.present()?;
        let is_known = match &self.sent {
            Some(sent) => *sent == presence,
            None => !presence.status.is_available(),
        };
        if self.introduced && !is_known {
            self.send(&presence).await?;
        }
        Ok(())
    }

    /// Sends the presence; if the session ends meanwhile, the next one begins with it.
    async fn send(&mut self, presence: &Presence) -> Result<(), Error> {
        let stanza = self.stanza(presence)?;
        match self.api.send_untracked(stanza).await {
            Ok(()) => {
                self.sent = Some(presence.clone());
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Disconnected => {
                tracing::debug!(%error, "the status is sent with the next session");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn stanza(&self, presence: &Presence) -> Result<converse_core::xml::Element, Error> {
        let priority = self.api.settings().read(&PRIORITY)?;
        Ok(wire::presence(presence, priority)?)
    }
}
