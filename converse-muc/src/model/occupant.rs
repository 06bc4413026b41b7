//! Who is in a room.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use converse_core::contract::ChatStatus;
use converse_core::disco::Caps;
use jid::Jid;
use serde::{Serialize, Serializer};

use super::hat::Hat;

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// The word on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What a word stands for; one that is not known stands for nothing special.
            pub(crate) fn from_word(word: Option<&str>) -> Self {
                word.and_then(Self::of_word).unwrap_or_default()
            }

            /// What a word stands for; `None` for one that stands for nothing.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What an occupant may do while in the room (XEP-0045 §5.1), from least to most.
    Role {
        /// Nothing; who has this role is not in the room.
        #[default]
        None = "none",
        /// Listen.
        Visitor = "visitor",
        /// Talk.
        Participant = "participant",
        /// Decide who may talk and who must go.
        Moderator = "moderator",
    }
}

words! {
    /// What somebody is to the room for good (XEP-0045 §5.2), from least to most.
    Affiliation {
        /// Banned.
        Outcast = "outcast",
        /// Nothing special.
        #[default]
        None = "none",
        /// On the list of members.
        Member = "member",
        /// May ban, and make members and moderators.
        Admin = "admin",
        /// May do everything.
        Owner = "owner",
    }
}

/// Who an occupant is behind the nick, without telling the address (XEP-0421): the same for the same account in the same room,
/// whatever the nick, also after having been away. Nothing else can be read from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OccupantId(Box<str>);

impl OccupantId {
    /// The longest one, in characters (XEP-0421 §4).
    const LONGEST: usize = 128;

    /// An id as a room may give it; `None` if it is empty or too long.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let is_usable = !id.is_empty() && id.chars().nth(Self::LONGEST).is_none();
        is_usable.then(|| Self(id.into()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for OccupantId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for OccupantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Somebody in a room: a snapshot that does not change; cheap to clone. What is known of them are
/// [`OccupantAttributes`].
#[derive(Clone, PartialEq)]
pub struct Occupant(Arc<OccupantAttributes>);

/// What is known of an occupant, all of it from the presence that the room sends.
///
/// The room vouches for `nick`, `role`, `affiliation`, `real_jid`, `occupant_id` and `hats`; the rest is what the occupants say
/// of themselves.
#[derive(Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OccupantAttributes {
    /// Under which nick: unique in the room, 1 to 1,023 bytes. As part of an address it has neither control characters nor
    /// ones that change the direction of writing (RFC 7622 §3.4).
    pub nick: String,
    /// The role.
    pub role: Role,
    /// The affiliation.
    pub affiliation: Affiliation,
    /// The real address, if the room shows it to the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_jid: Option<Jid>,
    /// Who it is, from rooms that say that they tell (XEP-0421 §3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occupant_id: Option<OccupantId>,
    /// The hats they wear, from rooms that say that they have hats (XEP-0317 §3); at most 16.
    #[serde(skip_serializing_if = "<[Hat]>::is_empty")]
    pub hats: Box<[Hat]>,
    /// Whether they can be reached (RFC 6121 §4.7.2.1).
    pub show: ChatStatus,
    /// What they say with it; at most 1,024 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Box<str>>,
    /// The SHA-1 of their picture, in lower-case hexadecimal, if they say that they have one (XEP-0153 §3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_hash: Option<Box<str>>,
    /// What they announce to be able to: [`Disco::info`](converse_core::disco::Disco::info) of their address in the room knows
    /// what it stands for.
    #[serde(skip)]
    pub(crate) caps: Option<Caps>,
}

impl Occupant {
    pub(crate) fn new(attributes: OccupantAttributes) -> Self {
        Self(Arc::new(attributes))
    }

    /// Changes this snapshot and no other one.
    pub(crate) fn change(&mut self) -> &mut OccupantAttributes {
        Arc::make_mut(&mut self.0)
    }
}

impl OccupantAttributes {
    /// Leaves out what the room does not vouch for, and what a room could fill memory with.
    pub(crate) fn strip(&mut self) {
        self.hats = Box::default();
        self.status = None;
    }

    /// What it takes in memory, about.
    pub(crate) fn size(&self) -> usize {
        /// What the map needs for an entry, and each of the few texts for its own place.
        const OVERHEAD: usize = 96;
        let optional = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
        OVERHEAD
            + size_of::<Self>()
            + self.nick.len()
            + self.real_jid.as_ref().map_or(0, |jid| jid.as_str().len())
            + self.occupant_id.as_ref().map_or(0, |id| id.0.len())
            + self.hats.iter().map(Hat::size).sum::<usize>()
            + optional(&self.status)
            + optional(&self.image_hash)
    }
}

impl Deref for Occupant {
    type Target = OccupantAttributes;

    fn deref(&self) -> &OccupantAttributes {
        &self.0
    }
}

impl Serialize for Occupant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for Occupant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who it is and what they say are private, and are left out.
impl fmt::Debug for OccupantAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Occupant")
            .field("nick", &self.nick)
            .field("role", &self.role)
            .field("affiliation", &self.affiliation)
            .field("show", &self.show)
            .finish_non_exhaustive()
    }
}
