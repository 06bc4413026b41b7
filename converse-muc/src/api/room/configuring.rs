//! What a room is like, for those who own it.

use converse_core::Error;
use converse_core::forms::{Form, Submission};

use super::Room;
use crate::managing::{ManagingError, RoomConfig, RoomConfiguration, Strictness, wire};

impl Room {
    /// The configuration of the room, as it is shown to its owners (XEP-0045 §10.2).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// # async fn run(room: Room) -> Result<(), Error> {
    /// let configuration = room.configuration().await?;
    /// println!("{:?}, members only: {:?}", configuration.name(), configuration.members_only());
    /// for field in &configuration.form().fields {
    ///     println!("{}: {:?}", field.title(), field.kind);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) with the
    /// [`StanzaError`](converse_core::router::StanzaError) as its cause when the room refuses, as `forbidden` for who is no
    /// owner; [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when nothing can be configured;
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) for a form that cannot be read;
    /// [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) after the setting `iq_timeout`;
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected);
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn configuration(&self) -> Result<RoomConfiguration, Error> {
        let question = wire::ask_configuration(self.jid());
        let answer = self.request("room.configuration", question).await?;
        Ok(wire::read_configuration(&answer)?)
    }

    /// Changes the configuration: the room's form is fetched, and sent back with what is wanted in it. All other fields go
    /// back as they came, also those that nobody here understands.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// # async fn run(room: Room) -> Result<(), Error> {
    /// room.configure(RoomConfig::new().members_only(true).persistent(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when the room has no such field, does not
    /// offer such a value, or wants to know more: then nothing is changed. Those of
    /// [`configuration`](Self::configuration); as `not-acceptable` when the room does not want to be like that.
    pub async fn configure(&self, config: RoomConfig) -> Result<(), Error> {
        let configuration = self.configuration().await?;
        let merged = configuration.merge(&config, Strictness::All)?;
        let request = wire::configure(self.jid(), merged.form);
        self.request("room.configure", request).await.map(drop)
    }

    /// Sends the configuration form as it was filled out, begun with [`RoomConfiguration::fill`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when answers are missing, and those of
    /// [`configure`](Self::configure).
    pub async fn submit_configuration(&self, submission: &Submission) -> Result<(), Error> {
        let form = submission
            .submit()
            .map_err(|source| ManagingError::Unfit { source })?;
        let request = wire::configure(self.jid(), form);
        let answer = self.request("room.submit_configuration", request).await;
        answer.map(drop)
    }

    /// Takes the service's defaults for a room that was created by entering it, and lets others in (XEP-0045 §10.1.2). With
    /// the setting `muc_instant_rooms`, which is on by default, that is done by itself.
    ///
    /// # Errors
    ///
    /// As [`configuration`](Self::configuration).
    pub async fn accept_defaults(&self) -> Result<(), Error> {
        let request = wire::accept_defaults(self.jid());
        self.request("room.accept_defaults", request)
            .await
            .map(drop)
    }

    /// Gives up configuring the room. One that was just created is destroyed by that (XEP-0045 §10.1.3); another one
    /// stays as it is.
    ///
    /// # Errors
    ///
    /// As [`configuration`](Self::configuration).
    pub async fn cancel_configuration(&self) -> Result<(), Error> {
        let request = wire::configure(self.jid(), Form::cancel());
        let answer = self.request("room.cancel_configuration", request).await;
        answer.map(drop)
    }
}
