//! The lists of a room: who has an affiliation, who has a role.

use converse_core::{Error, ErrorKind};
use jid::{BareJid, Jid};
use serde::Serialize;

use crate::model::{Affiliation, Role};

/// Somebody on a list of a room (XEP-0045 §9): a snapshot that does not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Affiliate {
    /// Who it is; without a local part it is everybody of a domain.
    pub jid: BareJid,
    /// What they are to the room.
    pub affiliation: Affiliation,
    /// The nick that the room keeps for them, or under which they are in it, if it says so.
    pub nick: Option<String>,
    /// Why they are on the list, if the room says so; at most 1,024 characters.
    pub reason: Option<String>,
}

/// An occupant on a list of the moderators (XEP-0045 §8.5, §9.8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoleHolder {
    /// Under which nick.
    pub nick: String,
    /// What they may do.
    pub role: Role,
    /// What they are to the room, if it says so.
    pub affiliation: Option<Affiliation>,
    /// The real address, if the room says it.
    pub jid: Option<Jid>,
}

/// Everybody who has an affiliation that lets them in, as far as the room tells the user.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Affiliates {
    /// Members, owners and admins, in this order.
    pub all: Vec<Affiliate>,
    /// The lists that the room refused.
    pub refused: Vec<(Affiliation, Error)>,
}

impl Affiliates {
    /// Those with an affiliation.
    pub fn of(&self, affiliation: Affiliation) -> impl Iterator<Item = &Affiliate> {
        let all = self.all.iter();
        all.filter(move |one| one.affiliation == affiliation)
    }

    /// What somebody is to the room: [`Affiliation::None`] for who is on no list that could be read. A domain that is on a
    /// list stands for everybody of it.
    #[must_use]
    pub fn affiliation(&self, jid: &BareJid) -> Affiliation {
        let exact = self.all.iter().find(|one| one.jid == *jid);
        let domain = || {
            let mut all = self.all.iter();
            all.find(|one| one.jid.node().is_none() && one.jid.domain() == jid.domain())
        };
        exact
            .or_else(domain)
            .map_or(Affiliation::None, |one| one.affiliation)
    }

    /// Takes what one list was answered with. What may be refused to some is told apart from what failed.
    pub(crate) fn take(
        &mut self,
        affiliation: Affiliation,
        answer: Result<Vec<Affiliate>, Error>,
    ) -> Result<(), Error> {
        match answer {
            Ok(list) => self.all.extend(list),
            Err(error) if error.kind() == ErrorKind::Stanza => {
                self.refused.push((affiliation, error));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// What somebody is to become to a room.
///
/// ```
/// use converse_muc::{Affiliation, AffiliationChange};
///
/// let change = AffiliationChange::new("nurse@capulet.example".parse()?, Affiliation::Member)
///     .reason("she keeps the door");
/// assert_eq!(change.affiliation, Affiliation::Member);
/// # Ok::<(), jid::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AffiliationChange {
    /// Who.
    pub jid: BareJid,
    /// What they are to be.
    pub affiliation: Affiliation,
    /// The nick that the room is to keep for them; empty to keep none any more.
    pub nick: Option<String>,
    /// Why, for the room to show.
    pub reason: Option<String>,
}

impl AffiliationChange {
    /// A change without a reason.
    #[must_use]
    pub fn new(jid: BareJid, affiliation: Affiliation) -> Self {
        Self {
            jid,
            affiliation,
            nick: None,
            reason: None,
        }
    }

    /// With a reason; an empty one is none.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into()).filter(|reason| !reason.is_empty());
        self
    }

    /// With the nick that the room is to keep for them (XEP-0045 §9.3); empty to keep none any more.
    #[must_use]
    pub fn nick(mut self, nick: impl Into<String>) -> Self {
        self.nick = Some(nick.into());
        self
    }
}
