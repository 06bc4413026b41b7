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
            self.passed().await;
            self.entered().await?;
            if self.has_subject(&text)? {
                return Ok(());
            }
            let id = self.api.environment().random.stanza_id();
            let stanza = wire::subject(self.jid(), &id, &text).build()?;
            let answer = self.opened.awaited.subject(&id, &text);
            self.api.send_untracked(stanza).await?;
            answer
        };
        let limit = patience(&self.api)?;
        tokio::select! {
            biased;
            Ok(done) = answer => in_call("room.set_subject", self.jid(), done),
            left = self.opened.left() => Err(left.into()),
            () = tokio::time::sleep(limit) => Err(MucError::NoAnswer {
                jid: self.jid().clone(),
            }
            .into()),
        }
    }

    /// Whether the user has given the room that subject already: there are services that say nothing then.
    fn has_subject(&self, text: &str) -> Result<bool, Error> {
        let open = self.opened.open()?;
        let subject = open.subject.as_ref();
        Ok(subject.is_some_and(|subject| {
            subject.text == text && subject.author.is_some() && subject.author == open.nick
        }))
    }
}
