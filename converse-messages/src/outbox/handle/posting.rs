//! Putting what is sent into the outbox.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use converse_core::store::AccountStore;
use converse_core::xml::Element;
use converse_core::{Error, ErrorKind};
use tokio::sync::oneshot;

use super::{Outbox, Waiter};
use crate::keeper::Keeper;
use crate::model::MessageId;
use crate::outbox::entry::About;
use crate::outbox::error::OutboxError;
use crate::outbox::keeping;
use crate::outbox::lane::Lane;
use crate::outbox::queue::New;

/// How long whoever sends is kept waiting for a session that has no room.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is to be sent.
#[derive(Debug)]
pub struct Letter {
    /// The stanza's id.
    pub id: MessageId,
    /// The stanza.
    pub stanza: Element,
    /// What it is.
    pub about: About,
    /// When the user sent it.
    pub created: DateTime<Utc>,
}

/// Room for something in the outbox, until it is [taken](Self::take) or dropped.
#[must_use = "room that nobody takes is given back"]
pub struct Place {
    pub(super) outbox: Outbox,
    pub(super) store: AccountStore,
    pub(super) bytes: usize,
    /// How often everything had been removed then.
    pub(super) cleared: u64,
}

/// Tells when what was queued is safe.
#[must_use = "whether it could be kept is told here"]
pub struct Ticket {
    told: oneshot::Receiver<Result<(), Error>>,
}

impl Ticket {
    /// Waits until it is kept, and the session has it or there is none that could.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] when it cannot be kept; then it is not sent.
    pub async fn queued(self) -> Result<(), Error> {
        match tokio::time::timeout(PATIENCE, self.told).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::new(
                ErrorKind::Closed,
                "the instance has been torn down",
            )),
            // It is safe; the session is just slow.
            Err(_) => Ok(()),
        }
    }
}

impl Place {
    /// Puts a letter into it. Whoever calls this holds the conversation's lock, so that the order in the outbox is that of the
    /// history; the letter leaves when the store has it. `keeper` is who keeps the messages of the conversation, if anybody does: he writes
    /// both at once.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NoAccount`] if another account has logged in meanwhile, [`OutboxError::Cleared`] if all that was kept for it was
    /// removed.
    pub fn take(
        self,
        lane: &Lane,
        letter: Letter,
        keeper: Option<&Keeper>,
    ) -> Result<Ticket, Error> {
        let (tell, told) = oneshot::channel();
        let outbox = self.outbox.clone();
        let deadline = outbox.deadline(letter.created);
        // One write for what is about to leave, two for what waits first.
        let may_leave = outbox.api().session().is_online();
        {
            let mut inside = outbox.inside();
            if outbox.account().as_ref() != Some(self.store.account()) {
                return Err(OutboxError::NoAccount.into());
            }
            if inside.cleared != self.cleared {
                return Err(OutboxError::Cleared.into());
            }
            let inside = &mut *inside;
            let queue = &mut inside.queue;
            let new = New {
                id: letter.id,
                stanza: letter.stanza.to_stream_xml(),
                about: letter.about,
                created: letter.created,
                deadline,
                is_marked: may_leave,
            };
            let number = queue.push(lane, new);
            let change = queue
                .entry(number)
                .map(|entry| keeping::put(entry, may_leave));
            let keeper = keeper.filter(|keeper| outbox.is_kept_by(keeper, self.store.account()));
            match (keeper, change) {
                // Before it is noted that there is a message more, so that there never is one that nobody sends.
                (Some(keeper), Some(change)) => {
                    if let Some(writing) = keeper.note(vec![change]) {
                        outbox.spawn(writing);
                    }
                }
                (_, change) => inside
                    .changes
                    .extend(change.map(|change| (lane.clone(), change))),
            }
            inside.written.push(number);
            let waiter = Waiter {
                lane: lane.clone(),
                tell,
                behind: Vec::new(),
            };
            inside.tickets.insert(number, waiter);
        }
        outbox.save();
        Ok(Ticket { told })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.outbox.inside();
        inside.promised.0 -= 1;
        inside.promised.1 -= self.bytes;
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").finish_non_exhaustive()
    }
}
