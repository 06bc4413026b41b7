//! What changes a message that is there already, or is still to come.

use chrono::{DateTime, Utc};
use jid::Jid;
use serde::{Deserialize, Serialize};

use super::message::{Message, MessageId, SentBy};
use super::moderation::Moderation;
use super::whose::Whose;

/// Something that concerns a message, and who said it.
#[derive(Debug, Clone)]
pub struct Change {
    /// Who said it, and when.
    pub by: Author,
    /// The id of the stanza that said it.
    pub id: Option<MessageId>,
    /// What it is.
    pub fold: Fold,
}

/// Who says something, and when.
#[derive(Debug, Clone)]
pub struct Author {
    /// Which side he is on.
    pub sender: SentBy,
    /// Who he is, which decides what he may change.
    pub whose: Whose,
    /// His address: the bare one in a chat, that of the occupant in a room.
    pub jid: Jid,
    /// When he said it.
    pub time: DateTime<Utc>,
    /// It came late, so something newer may be known already.
    pub delayed: bool,
}

impl Author {
    /// One of the two of a chat.
    #[must_use]
    pub fn of_side(sender: SentBy, jid: impl Into<Jid>, time: DateTime<Utc>) -> Self {
        Self {
            sender,
            whose: Whose::Side(sender),
            jid: jid.into(),
            time,
            delayed: false,
        }
    }
}

/// What is to become of a message. Each names it by the id on the wire, an origin id or that of one of its corrections; in a
/// room, all but corrections by the id that the room gave it.
#[derive(Debug, Clone)]
pub enum Fold {
    /// It says something else (XEP-0308); [`Message::replaces`] names it.
    Correction(Box<Message>),
    /// It is not to be read any more (XEP-0424).
    Retraction {
        /// Which message.
        id: String,
    },
    /// A moderator had the room retract it (XEP-0425).
    Moderation {
        /// Which message.
        id: String,
        /// Who did it, and why.
        moderation: Box<Moderation>,
    },
    /// The author's reactions are these now (XEP-0444).
    Reactions {
        /// To which message.
        id: String,
        /// All that he reacts with.
        emojis: Vec<String>,
    },
    /// It has arrived (XEP-0184).
    Receipt {
        /// Which message.
        id: String,
    },
    /// It has been seen, and all before it (XEP-0333).
    Displayed {
        /// Up to which message.
        id: String,
    },
}

impl Fold {
    /// Which message it is about.
    pub fn target(&self) -> &str {
        match self {
            Self::Correction(message) => message.replaces.as_ref().map_or("", MessageId::as_str),
            Self::Retraction { id }
            | Self::Moderation { id, .. }
            | Self::Reactions { id, .. }
            | Self::Receipt { id }
            | Self::Displayed { id } => id,
        }
    }

    /// What it does to a message; `None` if it is about the delivery.
    pub fn update(&self) -> Option<Update> {
        match self {
            Self::Correction(_) => Some(Update::Corrected),
            Self::Retraction { .. } | Self::Moderation { .. } => Some(Update::Retracted),
            Self::Reactions { .. } => Some(Update::Reactions),
            Self::Receipt { .. } | Self::Displayed { .. } => None,
        }
    }
}

/// What came of a change.
#[derive(Debug)]
pub enum Folded {
    /// These messages are different now, in the order of the chat.
    Changed(Vec<Message>),
    /// A correction of a message that is not here is a message of its own.
    Added(Box<Message>),
    /// It says nothing new.
    Unchanged,
    /// The message is not here yet; the change waits for it.
    Early,
    /// Whoever said it may not.
    Refused(Refusal),
}

/// Why something that concerns a message is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Refusal {
    /// Only who wrote a message can correct or retract it, only who got it can say that it came, and only a room can say that
    /// it was moderated.
    NotTheAuthor,
    /// The message was retracted before.
    Retracted,
    /// None of the reactions is an emoji.
    NoEmoji,
    /// In a room that does not tell its occupants apart: nobody knows who said it.
    Unknown,
}

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Update {
    /// It was corrected (XEP-0308), or the message that it corrects came after it.
    Corrected,
    /// It was retracted by its sender (XEP-0424) or a moderator (XEP-0425).
    Retracted,
    /// The reactions to it are others (XEP-0444).
    Reactions,
}

/// What came of adding a message.
#[derive(Debug)]
pub enum Added {
    /// It is there, with what was known of it before it came.
    New(Message),
    /// Its correction came before it; this is what they are together.
    Completed(Message),
    /// It is one that was sent from here, and the room has sent it to everybody.
    Reflected(Message),
    /// A moderator or its sender had it taken away meanwhile, as the archive tells (XEP-0424 §5).
    Retracted(Message),
    /// It was there already, at a place that is not the one in the archive; it is there now.
    Moved(Message),
    /// It was there already.
    Duplicate,
}
