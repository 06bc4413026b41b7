//! Sending presence: first, on a change, and again.

use std::time::Duration;

use converse_core::contract::OwnPresence;
use converse_core::xml::ElementBuilder;
use converse_core::{Error, ErrorKind};
use tokio::time::Instant;

use super::{NOTE, StatusActor};
use crate::message::Wake;
use crate::model::Presence;
use crate::settings::PRIORITY;
use crate::wire;

/// How long what plugins add to the presence may go on changing before it is sent.
const PAYLOADS_SETTLE: Duration = Duration::from_millis(100);
/// How often presence that the server takes back is sent again at most.
const REPEAT_EVERY: Duration = Duration::from_secs(1);

impl StatusActor {
    /// Sends the initial presence, once a session; somebody who does not want to be seen sends none.
    pub(super) async fn introduce(&mut self) -> Result<(), Error> {
        if self.introduced || !self.api.session().is_online() {
            return Ok(());
        }
        self.introduced = true;
        if self.sent.is_some() {
            // An earlier process told the server; nobody here knows.
            self.api.publish(self.shown()?);
        }
        self.tell_if_changed().await
    }

    /// Sends the presence as it is now, if the server has another one.
    pub(super) async fn tell_if_changed(&mut self) -> Result<(), Error> {
        let is_known = match &self.sent {
            Some(sent) => *sent == text(&self.stanza()?)?,
            // Without a presence, a session is not available (RFC 6121 §4.2).
            None => !self.present()?.status.is_available(),
        };
        if is_known { Ok(()) } else { self.tell().await }
    }

    /// Sends the presence as it is now; before the initial one, and without a session, that will tell.
    pub(super) async fn tell(&mut self) -> Result<(), Error> {
        if !self.introduced || !self.api.session().is_online() {
            return Ok(());
        }
        self.again.stop();
        let stanza = self.stanza()?;
        let sent = text(&stanza)?;
        match self.api.send_untracked(stanza).await {
            Ok(()) => {
                self.api.session().note(NOTE, Some(sent.clone())).await;
                self.sent = Some(sent);
                self.api.publish(self.shown()?);
            }
            Err(error) if error.kind() == ErrorKind::Disconnected => {
                tracing::debug!(%error, "the status is sent with the next session");
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.tell_shown().await
    }

    /// Those who see the presence only because it was shown to them hear of changes too.
    async fn tell_shown(&self) -> Result<(), Error> {
        let presence = self.present()?;
        if !presence.status.is_available() {
            // The server tells them itself (RFC 6121 §4.5.2).
            self.own.hide_from_all();
        }
        for jid in self.own.shown_to() {
            let stanza = wire::directed(&jid, &presence, self.payloads());
            self.api.send_untracked(stanza).await?;
        }
        Ok(())
    }

    /// Sends the presence when what plugins add to it has stopped changing.
    pub(super) fn tell_soon(&mut self) {
        if self.introduced {
            let at = Instant::now() + PAYLOADS_SETTLE;
            self.again.set(&self.api, at, Wake::Tell);
        }
    }

    /// The server told everybody that this client is gone, which it is not: some do that when a contact is removed. Presence
    /// is sent again, but not as fast as a server could ask for it.
    pub(super) async fn taken_back(&mut self) -> Result<(), Error> {
        if !self.introduced || !self.present()?.status.is_available() {
            return Ok(());
        }
        self.sent = None;
        match self.repeated.map(|last| last + REPEAT_EVERY) {
            Some(due) if Instant::now() < due => {
                self.again.set(&self.api, due, Wake::Tell);
                Ok(())
            }
            _ => self.tell_again().await,
        }
    }

    /// Sends what had to wait.
    pub(super) async fn tell_again(&mut self) -> Result<(), Error> {
        if self.sent.is_none() {
            self.repeated = Some(Instant::now());
        }
        self.tell_if_changed().await
    }

    /// What goes for those too who do not get the broadcast presence.
    fn shown(&self) -> Result<OwnPresence, Error> {
        let Presence { status, message } = self.present()?;
        if !status.is_available() {
            return Ok(OwnPresence::unavailable().with_message(message));
        }
        Ok(OwnPresence::available()
            .with_show(status.show())
            .with_message(message)
            .with_payloads(self.payloads()))
    }

    fn stanza(&self) -> Result<ElementBuilder, Error> {
        let priority = self.api.settings().read(&PRIORITY)?;
        Ok(wire::broadcast(&self.present()?, priority, self.payloads()))
    }

    /// What plugins add; what cannot be written is left out, for one plugin's mistake must not make the user invisible.
    pub(super) fn payloads(&self) -> Vec<ElementBuilder> {
        let mut payloads = self.api.presence_payloads().elements();
        payloads.retain(|payload| match text(payload) {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%error, name = payload.name(), "left out of the presence");
                false
            }
        });
        payloads
    }
}

fn text(element: &ElementBuilder) -> Result<String, Error> {
    let mut text = String::new();
    element.write_to(&mut text)?;
    Ok(text)
}
