//! Registering with a room: a nick for good, and membership.

use converse_core::Error;
use converse_core::forms::Submission;
use jid::ResourcePart;

use super::Room;
use crate::error::MucError;
use crate::managing::{RoomRegistration, registration};

impl Room {
    /// What the room wants to know of who registers with it, or under which nick the user is registered (XEP-0045 §7.10).
    /// The user need not be in the room.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) with the
    /// [`StanzaError`](converse_core::router::StanzaError) as its cause, as `not-allowed` for who may not register, and
    /// `service-unavailable` where nobody can;
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) for an answer that cannot be read;
    /// [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) after the setting `iq_timeout`;
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected);
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn registration(&self) -> Result<RoomRegistration, Error> {
        let question = registration::ask(self.jid());
        let answer = self.request("room.registration", question).await?;
        Ok(RoomRegistration::read(&answer)?)
    }

    /// Registers with the room, with the form of [`registration`](Self::registration) filled out. A room may let somebody
    /// decide first.
    ///
    /// # Errors
    ///
    /// Those of [`registration`](Self::registration), as `conflict` when the nick is reserved for somebody else;
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when answers are missing.
    pub async fn register(&self, submission: &Submission) -> Result<(), Error> {
        let request = registration::submit(self.jid(), submission)?;
        self.request("room.register", request).await.map(drop)
    }

    /// Registers a nick with a room that wants to know nothing more.
    ///
    /// # Errors
    ///
    /// Those of [`register`](Self::register); [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) also
    /// for a nick that cannot be one; [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the room has no
    /// form, because the user is registered already for one.
    pub async fn register_nick(&self, nick: &str) -> Result<(), Error> {
        let nick = ResourcePart::new(nick).map_err(|_| MucError::BadNick)?;
        let submission = self.registration().await?.with_nick(&nick)?;
        self.register(&submission).await
    }

    /// Takes the registration back (XEP-0077 §3.2), where rooms let users do that.
    ///
    /// # Errors
    ///
    /// Those of [`registration`](Self::registration).
    pub async fn unregister(&self) -> Result<(), Error> {
        let request = registration::remove(self.jid());
        self.request("room.unregister", request).await.map(drop)
    }
}
