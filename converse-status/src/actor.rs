//! The actor: tells the server what the user's status is, and whether anybody is there.

mod clients;
mod idling;
mod telling;

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::bus::{Answers, Handled, Hears};
use converse_core::contract::{
    PresencePayloadChanged, RosterContactsFetched, StatusInitialized, UserActive,
};
use converse_core::plugin::PluginsInitialized;
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::{Error, ErrorKind};
use tokio::time::Instant;

use crate::alarm::Alarm;
use crate::error::StatusError;
use crate::message::{SetStatus, Show, StatusChanged, StatusMessageChanged, Wake};
use crate::model::{Own, Presence};
use crate::wire;

/// Under what the presence that the server has is noted, for a process that goes on with the session.
const NOTE: &str = "converse-status/presence";
/// The plugin before whose contacts no presence is sent.
const ROSTER: &str = "converse-roster";

pub(crate) struct StatusActor {
    api: Api,
    own: Arc<Own>,
    /// There is a session, or one is on its way back.
    in_session: bool,
    /// The session's initial presence was due; from then on changes are sent at once.
    introduced: bool,
    /// The broadcast presence that the server has in this session, as text.
    sent: Option<String>,
    /// When the next thing happens if there is no activity until then.
    idle: Alarm,
    /// When presence is sent again.
    again: Alarm,
    /// When presence was last repeated because the server took it back.
    repeated: Option<Instant>,
    /// Follows the settings.
    settings: Alarm,
}

impl StatusActor {
    pub(crate) fn new(api: Api, own: Arc<Own>) -> Self {
        Self {
            api,
            own,
            in_session: false,
            introduced: false,
            sent: None,
            idle: Alarm::default(),
            again: Alarm::default(),
            repeated: None,
            settings: Alarm::default(),
        }
    }
}

// 1 lifecycle

impl Hears<PluginsInitialized> for StatusActor {
    async fn hear(&mut self, _: Arc<PluginsInitialized>) -> Handled {
        let following = idling::follow_settings(self.api.clone())?;
        self.settings.run(following);
        Ok(())
    }
}

impl Hears<SessionStarted> for StatusActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        self.in_session = true;
        if !event.begins_empty() {
            return Ok(self.look_after().await?);
        }
        self.sent = event.note(NOTE).map(ToOwned::to_owned);
        self.introduced = false;
        self.again.stop();
        self.own.start_over();
        self.look_after().await?;
        let status = self.present()?.status;
        self.api.publish(StatusInitialized::new(status.as_str()));
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
        self.in_session = false;
        self.introduced = false;
        self.sent = None;
        self.idle.stop();
        self.again.stop();
        self.own.start_over();
        Ok(())
    }
}

// 2 events heard

impl Hears<UserActive> for StatusActor {
    async fn hear(&mut self, _: Arc<UserActive>) -> Handled {
        if self.is_idle() {
            self.look_after().await?;
        }
        Ok(())
    }
}

impl Hears<PresencePayloadChanged> for StatusActor {
    async fn hear(&mut self, _: Arc<PresencePayloadChanged>) -> Handled {
        self.tell_soon();
        Ok(())
    }
}

// 3 requests answered

impl Answers<Wake> for StatusActor {
    async fn answer(&mut self, wake: Wake) -> Result<(), Error> {
        if !self.in_session {
            return Ok(());
        }
        match wake {
            Wake::Look => self.look_after().await,
            Wake::Tell => self.tell_again().await,
        }
    }
}

impl Answers<SetStatus> for StatusActor {
    async fn answer(&mut self, request: SetStatus) -> Result<(), Error> {
        let before = self.present()?;
        let chosen = self.chosen()?;
        let status = request.status.unwrap_or(chosen.status);
        let chosen = chosen.with(status, request.message);
        // What cannot be written as XML is refused before anything changes.
        wire::broadcast(&chosen, 0, Vec::new()).build()?;
        self.own.choose(chosen, None);
        // Who says how he is, is there.
        self.api.user().active();
        self.settle()?;
        self.tell().await?;
        self.announce(&before)
    }
}

impl Answers<Show> for StatusActor {
    async fn answer(&mut self, request: Show) -> Result<(), Error> {
        match request {
            Show::To(jid) => {
                let stanza = wire::directed(&jid, &self.present()?, self.payloads());
                if !self.api.session().is_online() {
                    return Err(Error::new(
                        ErrorKind::Disconnected,
                        "user.status.show_to: there is no session",
                    ));
                }
                if !self.own.show_to(jid) {
                    return Err(StatusError::ShownToTooMany.into());
                }
                self.api.send_untracked(stanza).await
            }
            Show::NoLonger(jid) => {
                if self.own.hide_from(&jid) && self.api.session().is_online() {
                    self.api.send_untracked(wire::withdrawn(&jid)).await?;
                }
                Ok(())
            }
        }
    }
}

// 4 private

impl StatusActor {
    /// What was set, or what the settings say.
    fn chosen(&self) -> Result<Presence, Error> {
        self.own.chosen(&self.api.settings())
    }

    /// What the others are to see.
    fn present(&self) -> Result<Presence, Error> {
        self.own.present(&self.api.settings())
    }

    /// Announces what is not as it was `before`.
    fn announce(&self, before: &Presence) -> Result<(), Error> {
        let Presence { status, message } = self.present()?;
        if before.status != status {
            self.api.publish(StatusChanged { status });
        }
        if before.message != message {
            self.api.publish(StatusMessageChanged { message });
        }
        Ok(())
    }
}
