//! What a room is about.

use converse_core::Error;

use super::{Room, patience};
use crate::error::MucError;
use crate::managing::{in_call, wire};

impl Room {
    /// Gives the room another subject, and waits until it has it (XEP-0045 §8.1); an empty one takes it away.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// # async fn run(room: Room) -> Result<(), Error> {
    /// room.set_subject("Fire burn and cauldron bubble!").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) with the
    /// [`StanzaError`](converse_core::router::StanzaError) as its cause when the room refuses, as `forbidden` where only
    /// moderators may do it; [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) after the setting `iq_timeout`;
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) when the user is not in the room (any more);
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn set_subject(&self, text: impl Into<String>) -> Result<(), Error> {
        let text = text.into();
        let answer = {
            let _turn = self.opened.sending.lock().await;
            self.entered().await?;
            let id = self.api.environment().random.stanza_id();
            let stanza = wire::subject(self.jid(), &id, &text).build()?;
            let answer = self.opened.awaited.subject(&id, &text);
            self.api.send_untracked(stanza).await?;
            answer
        };
        let limit = patience(&self.api)?;
        tokio::select! {
            biased;
            Ok(done) = answer => in_call("room.set_subject", done),
            left = self.opened.left() => Err(left.into()),
            () = tokio::time::sleep(limit) => Err(MucError::NoAnswer {
                jid: self.jid().clone(),
            }
            .into()),
        }
    }
}
