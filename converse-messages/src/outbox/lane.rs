//! Conversations as the outbox knows them.

use std::fmt;

use jid::{BareJid, FullJid};
use serde::{Deserialize, Serialize};

/// What kind of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LaneKind {
    /// With one person.
    Chat,
    /// With everybody in a room.
    Room,
    /// With an occupant of a room.
    Private,
}

impl LaneKind {
    const ALL: [Self; 3] = [Self::Chat, Self::Room, Self::Private];

    fn prefix(self) -> &'static str {
        match self {
            Self::Chat => "chat/",
            Self::Room => "room/",
            Self::Private => "private/",
        }
    }
}

/// A conversation in which something is sent: the name of the log in which its messages are kept.
///
/// ```
/// use converse_messages::outbox::{Lane, LaneKind};
///
/// let lane = Lane::chat(&"juliet@capulet.example".parse()?);
/// assert_eq!(lane.as_str(), "chat/juliet@capulet.example");
/// assert_eq!((lane.kind(), lane.address()), (LaneKind::Chat, "juliet@capulet.example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(String);

impl Lane {
    /// A chat.
    #[must_use]
    pub fn chat(with: &BareJid) -> Self {
        Self::new(LaneKind::Chat, with.as_str())
    }

    /// A room.
    #[must_use]
    pub fn room(room: &BareJid) -> Self {
        Self::new(LaneKind::Room, room.as_str())
    }

    /// A private chat with the occupant of this address.
    #[must_use]
    pub fn private(with: &FullJid) -> Self {
        Self::new(LaneKind::Private, with.as_str())
    }

    fn new(kind: LaneKind, address: &str) -> Self {
        Self(format!("{}{address}", kind.prefix()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of conversation it is.
    #[must_use]
    pub fn kind(&self) -> LaneKind {
        self.parts().0
    }

    /// With whom it is.
    #[must_use]
    pub fn address(&self) -> &str {
        self.parts().1
    }

    /// Whether it is a room, or with somebody in it.
    #[must_use]
    pub fn is_in(&self, room: &BareJid) -> bool {
        match self.parts() {
            (LaneKind::Chat, _) => false,
            (LaneKind::Room, address) => address == room.as_str(),
            (LaneKind::Private, address) => {
                let nick = address.strip_prefix(room.as_str());
                nick.is_some_and(|nick| nick.starts_with('/'))
            }
        }
    }

    /// What a store gave back is looked at as a chat if it is nothing else.
    fn parts(&self) -> (LaneKind, &str) {
        let mut kinds = LaneKind::ALL.into_iter();
        let found = kinds.find_map(|kind| Some((kind, self.0.strip_prefix(kind.prefix())?)));
        found.unwrap_or((LaneKind::Chat, &self.0))
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
