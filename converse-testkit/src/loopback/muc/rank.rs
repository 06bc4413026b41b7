//! Roles and affiliations, and what they allow (XEP-0045 §5).

/// What somebody may do in a room while being there, the least first (XEP-0045 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Is not there.
    None,
    /// Listens.
    Visitor,
    /// Speaks.
    Participant,
    /// Keeps order.
    Moderator,
}

/// How somebody stands to a room, there or not, the least first (XEP-0045 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affiliation {
    /// Is banned.
    Outcast,
    /// Is nobody in particular.
    None,
    /// Belongs to the room.
    Member,
    /// Decides who belongs to the room.
    Admin,
    /// Decides about the room.
    Owner,
}

impl Role {
    /// The word of the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::None => "none",
            Role::Visitor => "visitor",
            Role::Participant => "participant",
            Role::Moderator => "moderator",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        let all = [
            Role::None,
            Role::Visitor,
            Role::Participant,
            Role::Moderator,
        ];
        all.into_iter().find(|role| role.as_str() == word)
    }
}

impl Affiliation {
    /// The word of the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Affiliation::Outcast => "outcast",
            Affiliation::None => "none",
            Affiliation::Member => "member",
            Affiliation::Admin => "admin",
            Affiliation::Owner => "owner",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        let all = [
            Affiliation::Outcast,
            Affiliation::None,
            Affiliation::Member,
            Affiliation::Admin,
            Affiliation::Owner,
        ];
        all.into_iter()
            .find(|affiliation| affiliation.as_str() == word)
    }

    /// The role somebody enters with (XEP-0045 §5.1.2).
    pub(super) fn role(self, moderated: bool) -> Role {
        match self {
            Affiliation::Outcast => Role::None,
            Affiliation::None if moderated => Role::Visitor,
            Affiliation::None | Affiliation::Member => Role::Participant,
            Affiliation::Admin | Affiliation::Owner => Role::Moderator,
        }
    }
}

/// How somebody stands to a room and what they may do in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) role: Role,
    pub(super) affiliation: Affiliation,
}

impl Rank {
    /// Whether this one may give another a role (XEP-0045 §8.2–§8.4, §9.6, §9.7).
    pub(super) fn may_give_role(self, other: Self, role: Role) -> bool {
        // Who is admin or owner is a moderator by that (§5.1.3).
        let is_fixed = other.affiliation >= Affiliation::Admin && role != Role::Moderator;
        let is_above = other.affiliation > self.affiliation;
        let is_level = other.affiliation >= self.affiliation
            && other.affiliation > Affiliation::None
            && self.affiliation < Affiliation::Owner;
        let is_admin = self.affiliation >= Affiliation::Admin;
        self.role == Role::Moderator
            && !is_above
            && match (other.role, role) {
                (_, Role::None) => true,
                (_, Role::Moderator) => is_admin,
                (Role::Moderator, _) => is_admin && !is_fixed,
                (_, Role::Visitor) => !is_fixed && !is_level,
                (_, Role::Participant) => true,
            }
    }

    /// Whether this one may turn an affiliation into another (XEP-0045 §9, §10.3–§10.8).
    pub(super) fn may_give_affiliation(self, before: Affiliation, after: Affiliation) -> bool {
        match before.max(after) {
            Affiliation::Admin | Affiliation::Owner => self.affiliation == Affiliation::Owner,
            _ => self.affiliation >= Affiliation::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(role: Role, affiliation: Affiliation) -> Rank {
        Rank { role, affiliation }
    }

    #[test]
    fn nobody_acts_upwards() {
        let owner = rank(Role::Moderator, Affiliation::Owner);
        let admin = rank(Role::Moderator, Affiliation::Admin);
        let moderator = rank(Role::Moderator, Affiliation::None);
        let participant = rank(Role::Participant, Affiliation::None);
        for (who, whom, role, may) in [
            (owner, admin, Role::None, true),
            (admin, owner, Role::None, false),
            (moderator, participant, Role::None, true),
            (moderator, admin, Role::None, false),
            (participant, participant, Role::None, false),
            (moderator, participant, Role::Visitor, true),
            (moderator, participant, Role::Moderator, false),
            (admin, participant, Role::Moderator, true),
            (admin, moderator, Role::Participant, true),
            (owner, admin, Role::Participant, false),
            (owner, admin, Role::Visitor, false),
        ] {
            assert_eq!(
                who.may_give_role(whom, role),
                may,
                "{who:?} {whom:?} {role:?}"
            );
        }
    }

    #[test]
    fn owners_alone_decide_about_admins() {
        let owner = rank(Role::Moderator, Affiliation::Owner);
        let admin = rank(Role::Moderator, Affiliation::Admin);
        let member = rank(Role::Moderator, Affiliation::Member);
        let (none, outcast) = (Affiliation::None, Affiliation::Outcast);
        assert!(admin.may_give_affiliation(none, outcast));
        assert!(!member.may_give_affiliation(none, outcast));
        assert!(!admin.may_give_affiliation(Affiliation::Admin, outcast));
        assert!(!admin.may_give_affiliation(none, Affiliation::Admin));
        assert!(owner.may_give_affiliation(Affiliation::Owner, none));
    }
}
