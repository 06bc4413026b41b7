//! Who writes: what decides who may change a message.

use super::message::SentBy;

/// Who writes, among those who write in one place. What somebody says of a message counts only if this is the same as that
/// of the message; an address alone is not enough, because in a room another one may have the nick the next day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whose {
    /// One of the two of a chat; in a room, the user.
    Side(SentBy),
    /// An occupant, by the id that the room vouches for (XEP-0421).
    Occupant(String),
    /// Somebody who stays in a room, under whichever nick; the number is nobody else's.
    Visitor(u64),
    /// Somebody who had this nick at some time. Nothing proves that it was the same person twice.
    Nick(String),
    /// The room itself.
    Room,
}

impl Whose {
    /// Whether it is certain that whoever is named so twice is the same twice.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        !matches!(self, Self::Nick(_))
    }

    /// The other one of the two of a chat.
    pub(crate) fn other(&self) -> Option<Self> {
        match self {
            Self::Side(side) => Some(Self::Side(side.other())),
            _ => None,
        }
    }
}

impl From<SentBy> for Whose {
    fn from(side: SentBy) -> Self {
        Self::Side(side)
    }
}
