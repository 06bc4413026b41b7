//! What applications do with what waits.

use std::fmt;

use chrono::{DateTime, Utc};
use converse_core::Error;
use converse_core::api::Api;

use super::entry::{About, Entry, Queued};
use super::error::OutboxError;
use super::handle::{Letter, Outbox};
use super::keeping;
use super::lane::Lane;
use super::stanza;
use crate::error::ContentError;
use crate::model::{Delivery, Message, MessageId};

/// The outbox of an instance, on its [`Api`].
pub trait OutboxExt {
    /// What is sent in any conversation and has not arrived.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) where there are neither chats nor rooms.
    fn outbox(&self) -> Result<Outbox, Error>;
}

impl OutboxExt for Api {
    fn outbox(&self) -> Result<Outbox, Error> {
        Ok(Outbox::clone(&*self.require::<Outbox>("converse-chat")?))
    }
}

/// What is sent in a conversation and has not arrived; got from the conversation.
///
/// What has never left can be edited and withdrawn: nobody will know. What may have left cannot; a correction or a retraction
/// of it waits behind it.
#[derive(Clone)]
pub struct Unsent {
    outbox: Outbox,
    lane: Lane,
}

impl Unsent {
    /// What waits in a lane.
    #[must_use]
    pub fn new(outbox: Outbox, lane: Lane) -> Self {
        Self { outbox, lane }
    }

    /// What waits, in the order in which it goes out, and what was given up.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NoAccount`], and [`ErrorKind::Store`](converse_core::ErrorKind::Store) when the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Queued>, Error> {
        self.outbox.list_of(&self.lane).await
    }

    /// Gives a message that has not left another text. Mentions go with the old one.
    ///
    /// # Errors
    ///
    /// [`OutboxError::Left`] if somebody may have it, [`OutboxError::NotQueued`], [`OutboxError::NoMessage`] for a correction or a
    /// reaction, [`ContentError::Empty`](crate::ContentError::Empty), and
    /// [`ErrorKind::Xml`](converse_core::ErrorKind::Xml) for characters that XML cannot have.
    pub async fn edit(&self, id: impl AsRef<str>, body: impl Into<String>) -> Result<(), Error> {
        let (id, body) = (id.as_ref(), body.into());
        if body.is_empty() {
            return Err(ContentError::Empty.into());
        }
        self.outbox.load().await?;
        let entry = self.outbox.with_queue(|queue| {
            queue.edit(&self.lane, id, |stanza| {
                Ok::<_, Error>(stanza::reworded(stanza, &body)?)
            })
        })?;
        if let Some(line) = self.outbox.line(&self.lane) {
            line.reword(id, &body);
        }
        self.keep(&entry).await?;
        self.outbox.wake(&self.lane);
        Ok(())
    }

    /// Takes a message that has not left, or a change, out again, and what was to become of it.
    ///
    /// # Errors
    ///
    /// [`OutboxError::Left`] if somebody may have it, and [`OutboxError::NotQueued`].
    pub async fn withdraw(&self, id: impl AsRef<str>) -> Result<(), Error> {
        self.outbox.load().await?;
        let taken = self
            .outbox
            .with_queue(|queue| queue.withdraw(&self.lane, id.as_ref()))?;
        let line = self.outbox.line(&self.lane);
        // What came last is taken back first.
        for entry in taken.iter().rev() {
            if let Some(line) = &line {
                line.withdraw(&entry.id);
            }
            self.outbox
                .tell(entry.number, Err(OutboxError::Withdrawn.into()));
        }
        let changes = taken.iter().map(keeping::delete).collect();
        self.outbox.write(&self.lane, changes).await
    }

    /// Sends a message that has failed once more, with the same id.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NotQueued`] if no message of that id has failed here, and those of sending one.
    pub async fn retry(&self, id: impl AsRef<str>) -> Result<(), Error> {
        let id = id.as_ref();
        self.outbox.load().await?;
        let deadline = self.outbox.deadline(self.outbox.now());
        let retried = self
            .outbox
            .with_queue(|queue| queue.retry(&self.lane, id, deadline));
        match retried {
            Ok(entry) => {
                self.keep(&entry).await?;
                self.outbox.requeue(&entry);
                self.outbox.wake(&self.lane);
                Ok(())
            }
            Err(_) => self.send_anew(id).await,
        }
    }

    /// Sets until when something may wait; `None` for as long as it takes. Before, that is as the setting `outbox_timeout` says.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NotQueued`].
    pub async fn set_deadline(
        &self,
        id: impl AsRef<str>,
        deadline: Option<DateTime<Utc>>,
    ) -> Result<(), Error> {
        self.outbox.load().await?;
        let entry = self
            .outbox
            .with_queue(|queue| queue.set_deadline(&self.lane, id.as_ref(), deadline))?;
        self.keep(&entry).await
    }

    /// A message that the server had came back: its stanza is made anew.
    async fn send_anew(&self, id: &str) -> Result<(), Error> {
        let not_queued = || OutboxError::not_queued(id);
        let line = self.outbox.line(&self.lane).ok_or_else(not_queued)?;
        let mut found: Option<Message> = None;
        line.work(&mut |history, _| {
            found = history.sent(id).cloned();
            Vec::new()
        });
        let failed = found.filter(|message| message.delivery == Some(Delivery::Failed));
        let message = failed.ok_or_else(not_queued)?;
        let stanza = line.stanza(&message)?;
        let place = self.outbox.admit(&stanza).await?;
        let letter = Letter {
            id: MessageId::new(id),
            stanza,
            about: About::Message,
            created: self.outbox.now(),
        };
        let ticket = place.take(&self.lane, letter, None)?;
        line.requeue(id);
        ticket.queued().await
    }

    async fn keep(&self, entry: &Entry) -> Result<(), Error> {
        self.outbox
            .write(&self.lane, vec![keeping::put(entry, entry.is_marked)])
            .await
    }
}

impl fmt::Debug for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsent")
            .field("lane", &self.lane.as_str())
            .finish_non_exhaustive()
    }
}
