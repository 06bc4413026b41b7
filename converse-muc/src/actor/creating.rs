//! A room that was not there before it was entered: it is locked until it is configured (XEP-0045 §10.1).

use std::sync::Arc;

use converse_core::api::HearsAnswers;
use converse_core::bus::Handled;
use converse_core::router::Stanza;
use converse_core::session::IqResult;
use converse_core::xml::ElementBuilder;
use converse_core::{Error, ErrorKind};

use super::MucActor;
use super::asking::Asked;
use crate::managing::message::{
    RoomConfigurationFailed, RoomConfigurationRequired, RoomConfigured,
};
use crate::managing::{ManagingError, Merged, RoomConfig, Strictness, in_call, wire};
use crate::model::{Attempt, Opened};
use crate::settings::MUC_INSTANT_ROOMS;

/// A step of configuring a new room.
pub(super) enum Configuring {
    /// Its form was asked for.
    Form(Attempt, RoomConfig),
    /// The form was sent, without what does not fit.
    Submitted(Attempt, Vec<String>),
}

impl HearsAnswers<Configuring> for MucActor {
    async fn hear_answer(&mut self, step: Configuring, answer: IqResult) -> Handled {
        let (Configuring::Form(attempt, _) | Configuring::Submitted(attempt, _)) = &step;
        let room = Arc::clone(&attempt.room);
        let is_late = attempt.is_over();
        let session_ended =
            matches!(&answer, Err(error) if error.kind() == ErrorKind::Disconnected);
        // A room that was not unlocked in its session is gone with it.
        if is_late || session_ended || room.open().is_err() {
            return Ok(());
        }
        let answer = in_call("rooms.open", &room.jid, answer);
        let done = match (step, answer) {
            (_, Err(error)) => Err(error),
            (Configuring::Form(_, config), Ok(answer)) => match filled(&answer, &config) {
                Ok(merged) => {
                    let request = wire::configure(&room.jid, merged.form);
                    self.submit(&room, request, merged.ignored).await;
                    Ok(())
                }
                Err(error) => Err(error.into()),
            },
            (Configuring::Submitted(_, ignored), Ok(_)) => {
                self.is_configured(&room, ignored).await;
                Ok(())
            }
        };
        if let Err(error) = done {
            self.publish_failure(&room, error);
        }
        Ok(())
    }
}

impl MucActor {
    /// Configures a room that has just been created: as `config` wants it, else with the service's defaults if the setting
    /// `muc_instant_rooms` is on, else somebody has to.
    pub(super) async fn configure_new(
        &self,
        room: &Arc<Opened>,
        config: Option<RoomConfig>,
    ) -> Result<(), Error> {
        if let Some(config) = config {
            let question = wire::ask_configuration(&room.jid);
            let step = Configuring::Form(Attempt::of(room), config);
            self.take_step(step, question).await;
        } else if self.api.settings().read(&MUC_INSTANT_ROOMS)? {
            let request = wire::accept_defaults(&room.jid);
            self.submit(room, request, Vec::new()).await;
        } else {
            let chatbox = self.handle(room);
            self.api.publish(RoomConfigurationRequired { chatbox });
        }
        Ok(())
    }

    async fn submit(&self, room: &Arc<Opened>, request: ElementBuilder, ignored: Vec<String>) {
        let step = Configuring::Submitted(Attempt::of(room), ignored);
        self.take_step(step, request).await;
    }

    async fn take_step(&self, step: Configuring, request: ElementBuilder) {
        let (Configuring::Form(attempt, _) | Configuring::Submitted(attempt, _)) = &step;
        let room = Arc::clone(&attempt.room);
        match self.api.iq_in_order(&self.me, step, request).await {
            Ok(()) => {}
            // Without a session there is no room any more that could be configured.
            Err(error) if error.kind() == ErrorKind::Disconnected => {}
            Err(error) => self.publish_failure(&room, error),
        }
    }

    /// What the room is can be asked only now.
    async fn is_configured(&self, room: &Arc<Opened>, ignored: Vec<String>) {
        let chatbox = self.handle(room);
        self.api.publish(RoomConfigured { chatbox, ignored });
        self.ask(
            Asked::News(Arc::clone(room)),
            crate::wire::ask_info(&room.jid),
        )
        .await;
    }

    fn publish_failure(&self, room: &Arc<Opened>, error: Error) {
        tracing::warn!(room = %room.jid, %error, "a new room could not be configured");
        let chatbox = self.handle(room);
        let error = Arc::new(error);
        self.api.publish(RoomConfigurationFailed { chatbox, error });
    }
}

/// The room's form with what is wanted in it; where there is nothing to choose, what the service has.
fn filled(answer: &Stanza, config: &RoomConfig) -> Result<Merged, ManagingError> {
    match wire::read_configuration(answer) {
        Ok(form) => form.merge(config, Strictness::WhatFits),
        Err(ManagingError::NothingToConfigure) => Merged::defaults(config),
        Err(error) => Err(error),
    }
}
