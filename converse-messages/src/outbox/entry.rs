//! What waits in the outbox.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::lane::Lane;
use crate::model::{Fold, MessageError, MessageId, Update};

/// What a stanza is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum About {
    /// A message of its own.
    Message,
    /// Something becomes of a message.
    Change {
        /// The id of that message.
        of: String,
        /// What becomes of it.
        update: Update,
    },
}

impl About {
    /// What a change is that is sent.
    #[must_use]
    pub fn of(fold: &Fold) -> Self {
        match fold.update() {
            Some(update) => Self::Change {
                of: fold.target().to_owned(),
                update,
            },
            None => Self::Message,
        }
    }
}

/// How far something in the outbox has come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// It waits for its turn, and never left: it can be edited and withdrawn.
    Waiting,
    /// The session has it.
    Sending,
    /// It left, and nobody knows whether it arrived; the archive is asked before it goes out again.
    Unsure,
    /// It was given up; it can be tried again or withdrawn.
    Failed(MessageError),
}

/// Something in the outbox, as applications see it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queued {
    /// In which conversation.
    pub lane: Lane,
    /// The id of the message, or of the change.
    pub id: MessageId,
    /// What it is.
    pub about: About,
    /// When it was sent, as the user sees it.
    pub created: DateTime<Utc>,
    /// When it is given up.
    pub deadline: Option<DateTime<Utc>>,
    /// How far it has come.
    pub standing: Standing,
}

/// Where an entry is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It is being written to the store.
    Writing,
    /// It waits for its turn.
    Waiting,
    /// An earlier process left it for somebody in a room; it waits until it is known whether he is still the same.
    Doubted,
    /// A session has it.
    Handed,
    /// The server has it, and the room has not said so.
    Accepted,
    /// It was given up.
    Failed(MessageError),
}

/// An entry.
#[derive(Clone)]
pub(super) struct Entry {
    /// Higher than that of all that was sent before.
    pub(super) number: u64,
    pub(super) lane: Lane,
    pub(super) id: MessageId,
    pub(super) stanza: String,
    pub(super) about: About,
    pub(super) created: DateTime<Utc>,
    pub(super) deadline: Option<DateTime<Utc>>,
    pub(super) state: State,
    /// It left in some session, so that somebody may have it.
    pub(super) left: bool,
    /// The store says that it may have left.
    pub(super) is_marked: bool,
    /// How often a session got it.
    pub(super) attempt: u32,
    /// How often the room did not know who sent it.
    pub(super) turned_away: u8,
}

impl Entry {
    /// What it takes in memory, about.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.stanza.len() + self.lane.as_str().len()
    }

    /// By which it is kept; the keys stand in the order of the entries.
    pub(super) fn key(&self) -> String {
        format!("{:016x}", self.number)
    }

    pub(super) fn is_failed(&self) -> bool {
        matches!(self.state, State::Failed(_))
    }

    /// Whether a session has it.
    pub(super) fn is_out(&self) -> bool {
        matches!(self.state, State::Handed | State::Accepted)
    }

    /// Whether nobody but this client can have it.
    pub(super) fn is_here(&self) -> bool {
        match self.state {
            State::Writing | State::Waiting | State::Doubted => !self.left,
            State::Failed(_) => true,
            State::Handed | State::Accepted => false,
        }
    }

    /// Whether it would change what `id` stands for.
    pub(super) fn concerns(&self, id: &MessageId) -> bool {
        matches!(&self.about, About::Change { of, .. } if of == id.as_str())
    }

    pub(super) fn view(&self) -> Queued {
        Queued {
            lane: self.lane.clone(),
            id: self.id.clone(),
            about: self.about.clone(),
            created: self.created,
            deadline: self.deadline,
            standing: match &self.state {
                State::Failed(error) => Standing::Failed(error.clone()),
                State::Handed | State::Accepted => Standing::Sending,
                _ if self.left => Standing::Unsure,
                State::Writing | State::Waiting | State::Doubted => Standing::Waiting,
            },
        }
    }
}

/// What is said is private and is left out.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("number", &self.number)
            .field("lane", &self.lane.as_str())
            .field("id", &self.id)
            .field("state", &self.state)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
