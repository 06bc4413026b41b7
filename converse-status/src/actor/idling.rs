//! What happens when nobody is there, and when somebody comes back.

use chrono::TimeDelta;
use converse_core::Error;
use converse_core::api::Api;
use converse_core::session::ClientState;
use converse_core::settings::{Settings, SettingsError, keys};
use tokio::time::Instant;

use super::StatusActor;
use crate::message::Wake;
use crate::model::IdleRules;
use crate::settings::{AUTO_AWAY, AUTO_XA, PRIORITY, SHARE_IDLE_TIME};

impl StatusActor {
    /// Whether anything is as it is because nobody is there.
    pub(super) fn is_idle(&self) -> bool {
        self.own.automatic().is_some() || self.api.session().client_state() == ClientState::Inactive
    }

    /// Does what the time without activity calls for, and tells what changed.
    pub(super) async fn look_after(&mut self) -> Result<(), Error> {
        let before = self.present()?;
        self.settle()?;
        if self.introduced {
            self.tell_if_changed().await?;
        }
        self.announce(&before)
    }

    /// Does what the time without activity calls for; the next look is when that can be something else.
    ///
    /// Activity only moves that look: it finds that there was some, and looks again later.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let rules = idle_rules(&self.api.settings())?;
        let (now, idle) = (Instant::now(), self.api.user().idle());
        let status = rules.automatic(self.chosen()?.status, idle);
        let ago = TimeDelta::from_std(idle).unwrap_or_default();
        let since = self.api.environment().clock.now() - ago;
        self.own.set_automatic(status, since);
        self.api
            .session()
            .set_client_state(if rules.is_inactive(idle) {
                ClientState::Inactive
            } else {
                ClientState::Active
            });
        match rules.next(idle) {
            Some(next) if self.in_session => {
                // A time beyond what a clock can say is never.
                match now.checked_add(next - idle) {
                    Some(at) => self.idle.set(&self.api, at, Wake::Look),
                    None => self.idle.stop(),
                }
            }
            _ => self.idle.stop(),
        }
        Ok(())
    }
}

/// What the settings say happens without activity.
fn idle_rules(settings: &Settings) -> Result<IdleRules, SettingsError> {
    Ok(IdleRules::of_seconds(
        settings.read(&AUTO_AWAY)?,
        settings.read(&AUTO_XA)?,
        settings.read(&keys::CSI_WAITING_TIME)?,
    ))
}

/// Wakes the actor when a setting says something else.
pub(super) fn follow_settings(
    api: Api,
) -> Result<impl Future<Output = ()> + Send + 'static, SettingsError> {
    let settings = api.settings();
    let mut priority = settings.watch(&PRIORITY)?;
    let mut away = settings.watch(&AUTO_AWAY)?;
    let mut xa = settings.watch(&AUTO_XA)?;
    let mut inactive = settings.watch(&keys::CSI_WAITING_TIME)?;
    let mut share = settings.watch(&SHARE_IDLE_TIME)?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = priority.changed() => {}
                _ = away.changed() => {}
                _ = xa.changed() => {}
                _ = inactive.changed() => {}
                _ = share.changed() => {}
            }
            if let Err(error) = api.bus().call(Wake::Look).await {
                tracing::debug!(%error, "nobody heard of the changed setting");
            }
        }
    })
}
