//! Who an occupant is, as far as the room tells.

use std::hash::{DefaultHasher, Hash, Hasher};

use jid::BareJid;
use serde::{Deserialize, Serialize};

use crate::model::Occupant;

/// What proves that somebody with a nick is the one who had it, or is not (XEP-0421 §1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Identity {
    occupant_id: Option<String>,
    real_jid: Option<BareJid>,
}

impl Identity {
    pub(crate) fn of(occupant: &Occupant) -> Self {
        let occupant_id = occupant.occupant_id.as_ref();
        Self {
            occupant_id: occupant_id.map(|id| id.as_str().to_owned()),
            real_jid: occupant.real_jid.as_ref().map(jid::Jid::to_bare),
        }
    }

    /// Whether it is certain that the two are not the same.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (&self.occupant_id, &other.occupant_id) {
            return one != other;
        }
        matches!((&self.real_jid, &other.real_jid), (Some(one), Some(other)) if one != other)
    }

    /// Whether it is certain that the two are the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (&self.occupant_id, &other.occupant_id) {
            return one == other;
        }
        matches!((&self.real_jid, &other.real_jid), (Some(one), Some(other)) if one == other)
    }

    /// A number that is the same for the same one each time.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let jid = self.real_jid.as_ref().map(|jid| jid.as_str());
        let who = self.occupant_id.as_deref().or(jid);
        who.hash(&mut hasher);
        hasher.finish()
    }

    /// Takes what is known now, and keeps what was known before.
    pub(crate) fn learn(&mut self, now: Self) {
        self.occupant_id = now.occupant_id.or(self.occupant_id.take());
        self.real_jid = now.real_jid.or(self.real_jid.take());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn who(occupant_id: Option<&str>, real_jid: Option<&str>) -> Identity {
        Identity {
            occupant_id: occupant_id.map(ToOwned::to_owned),
            real_jid: real_jid.map(|jid| jid.parse().unwrap()),
        }
    }

    #[test]
    fn only_what_is_known_of_both_tells_them_apart() {
        let (ana, bea) = (Some("ana@heron.example"), Some("bea@heron.example"));
        for (one, other, differs) in [
            (who(None, None), who(None, None), false),
            (who(Some("1"), None), who(None, None), false),
            (who(Some("1"), None), who(Some("1"), None), false),
            (who(Some("1"), None), who(Some("2"), None), true),
            (who(None, ana), who(None, bea), true),
            (who(None, ana), who(Some("1"), None), false),
            // The id is what the room vouches for, whichever account stands behind it.
            (who(Some("1"), ana), who(Some("1"), bea), false),
            (who(Some("1"), ana), who(Some("2"), ana), true),
        ] {
            assert_eq!(one.differs(&other), differs, "{one:?} {other:?}");
            assert_eq!(other.differs(&one), differs, "{other:?} {one:?}");
        }
    }

    #[test]
    fn what_is_not_shown_any_more_is_still_known() {
        let mut known = who(Some("1"), None);
        known.learn(who(None, Some("ana@heron.example")));
        assert_eq!(known, who(Some("1"), Some("ana@heron.example")));
    }
}
