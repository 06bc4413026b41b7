//! Who is in a room.

use std::fmt;

use jid::Jid;
use serde::Serialize;

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

/// Somebody in a room: a snapshot that does not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Occupant {
    /// Under which nick; unique in the room.
    pub nick: String,
    /// The role.
    pub role: Role,
    /// The affiliation.
    pub affiliation: Affiliation,
    /// The real address, if the room shows it to the user. It comes from the room's presence and from nothing else.
    pub real_jid: Option<Jid>,
}
