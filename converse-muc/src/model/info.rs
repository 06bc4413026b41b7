//! What a room says about itself.

use std::collections::BTreeSet;

use converse_core::disco::Info;
use serde::Serialize;

use super::details::RoomDetails;

macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident = $var:literal, $flag:literal;)*) => {
        /// Something that is true of a room (XEP-0045 §4.2).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[non_exhaustive]
        pub enum RoomFeature { $($(#[$doc])* #[serde(rename = $flag)] $variant,)* }

        impl RoomFeature {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name that converse.js has for it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $flag,)* }
            }

            fn var(self) -> &'static str {
                match self { $(Self::$variant => $var,)* }
            }
        }
    };
}

features! {
    /// A password is needed.
    PasswordProtected = "muc_passwordprotected", "passwordprotected";
    /// No password is needed.
    Unsecured = "muc_unsecured", "unsecured";
    /// It cannot be found by searching.
    Hidden = "muc_hidden", "hidden";
    /// It can be found by searching.
    Public = "muc_public", "public";
    /// Only members may enter.
    MembersOnly = "muc_membersonly", "membersonly";
    /// Everybody may enter.
    Open = "muc_open", "open";
    /// It stays when the last occupant leaves.
    Persistent = "muc_persistent", "persistent";
    /// It goes with the last occupant.
    Temporary = "muc_temporary", "temporary";
    /// Everybody sees the occupants' real addresses.
    NonAnonymous = "muc_nonanonymous", "nonanonymous";
    /// Only moderators see the occupants' real addresses.
    SemiAnonymous = "muc_semianonymous", "semianonymous";
    /// Only who has voice may talk.
    Moderated = "muc_moderated", "moderated";
    /// Everybody may talk.
    Unmoderated = "muc_unmoderated", "unmoderated";
    /// It keeps an archive (XEP-0313).
    MamEnabled = "urn:xmpp:mam:2", "mam_enabled";
    /// It gives every message an id that lasts (XEP-0359).
    StableIds = "urn:xmpp:sid:0", "stable_ids";
    /// It tells who each occupant is without telling the address (XEP-0421).
    OccupantIds = "urn:xmpp:occupant-id:0", "occupant_ids";
    /// Its moderators can have messages retracted (XEP-0425).
    Moderation = "urn:xmpp:message-moderate:1", "message_moderation";
    /// The same before version 0.3 of XEP-0425.
    OldModeration = "urn:xmpp:message-moderate:0", "message_moderation_0";
    /// Its occupants may wear hats (XEP-0317).
    Hats = "urn:xmpp:hats:0", "hats";
    /// It tells who comes onto its lists and who goes (XEP-0463).
    AffiliationVersions = "urn:xmpp:muc:affiliations:0", "affiliation_versions";
}

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 256;

/// What a room answered to disco#info.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoomInfo {
    /// Its name for people; at most 256 characters.
    pub name: Option<String>,
    /// What it is about; at most 1,024 characters.
    pub description: Option<String>,
    /// What is true of it.
    pub features: BTreeSet<RoomFeature>,
    /// What else it tells.
    #[serde(flatten)]
    pub details: RoomDetails,
}

impl RoomInfo {
    pub(crate) fn new(info: &Info, description: Option<String>) -> Self {
        let name = info.name("conference");
        let features = RoomFeature::ALL.iter().copied();
        Self {
            name: name.map(|name| name.chars().take(LONGEST_NAME).collect()),
            description,
            details: RoomDetails::new(info),
            features: features.filter(|feature| info.has(feature.var())).collect(),
        }
    }

    /// Whether something is true of the room.
    #[must_use]
    pub fn has(&self, feature: RoomFeature) -> bool {
        self.features.contains(&feature)
    }
}
