//! Asking for voice, and giving it to who asks.

use converse_core::{Error, ErrorKind};

use super::Room;
use crate::managing::{ManagingError, RegistrationRequest, VoiceRequest, wire};

impl Room {
    /// Asks those who run the room to let the user talk (XEP-0045 §7.13), in a moderated room in which the user is a visitor.
    ///
    /// Nobody need answer. When it is granted, the user has another [`role`](Self::role); when the room does not pass it on,
    /// that is told by [`VoiceRequestRefused`](crate::managing::message::VoiceRequestRefused).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) when the user is not in the room, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn request_voice(&self) -> Result<(), Error> {
        self.entered().await?;
        let id = self.api.environment().random.stanza_id();
        let request = wire::request_voice(self.jid(), &id)
            .map_err(|source| ManagingError::Unfit { source })?;
        self.opened.awaited.voice_request(&id);
        self.api.send_untracked(request).await
    }

    /// Lets somebody talk who asked for it (XEP-0045 §8.6). Who shall not is not answered.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// # fn run(api: &Api) {
    /// api.listen().subscribe::<VoiceRequested, _, _>(|event| async move {
    ///     if event.request.nick != "Tybalt" {
    ///         event.chatbox.approve_voice(&event.request).await?;
    ///     }
    ///     Ok(())
    /// });
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) when the user is not in the room;
    /// those of [`grant_voice`](Self::grant_voice) where the room's form has no place for an answer;
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn approve_voice(&self, request: &VoiceRequest) -> Result<(), Error> {
        self.entered().await?;
        match request.approval() {
            Ok(form) => self.send_form(form).await,
            Err(_) => self.grant_voice(&request.nick, None).await,
        }
    }

    /// Lets somebody register with the room, or not (XEP-0045 §9.9).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) where the room's form has no place for an
    /// answer; [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a session;
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn answer_registration(
        &self,
        request: &RegistrationRequest,
        allow: bool,
    ) -> Result<(), Error> {
        let form = request.decision(allow).map_err(|error| {
            Error::new(
                ErrorKind::InvalidResponse,
                "room.answer_registration: the room's form has no place for an answer",
            )
            .with_source(error)
        })?;
        self.send_form(form).await
    }

    async fn send_form(&self, form: converse_core::xml::ElementBuilder) -> Result<(), Error> {
        drop(self.opened.open()?);
        let id = self.api.environment().random.stanza_id();
        let message = wire::form_message(self.jid(), &id, form);
        self.api.send_untracked(message).await
    }
}
