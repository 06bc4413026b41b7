//! How people stand to a room, whether they are there or not.

use std::collections::BTreeMap;

use jid::{BareJid, ResourcePart, ResourceRef};

use super::rank::Affiliation;

/// How one account stands to the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) affiliation: Affiliation,
    /// The nick that nobody else gets (XEP-0045 §7.10).
    pub(super) nick: Option<ResourcePart>,
    /// Why it is so.
    pub(super) reason: Option<String>,
}

/// Everybody who is not nobody in particular.
#[derive(Debug, Default)]
pub(super) struct Standings {
    known: BTreeMap<BareJid, Standing>,
}

impl Standings {
    pub(super) fn of(&self, jid: &BareJid) -> Affiliation {
        let standing = self.known.get(jid);
        standing.map_or(Affiliation::None, |standing| standing.affiliation)
    }

    /// Sets an affiliation; whoever becomes nobody or an outcast loses the nick as well.
    pub(super) fn set(&mut self, jid: &BareJid, affiliation: Affiliation, reason: Option<String>) {
        let nick = match affiliation {
            Affiliation::Outcast | Affiliation::None => None,
            _ => self.nick_of(jid).map(ToOwned::to_owned),
        };
        if affiliation == Affiliation::None {
            self.known.remove(jid);
            return;
        }
        let standing = Standing {
            affiliation,
            nick,
            reason,
        };
        self.known.insert(jid.clone(), standing);
    }

    pub(super) fn reserve(&mut self, jid: &BareJid, nick: ResourcePart) {
        if let Some(standing) = self.known.get_mut(jid) {
            standing.nick = Some(nick);
        }
    }

    pub(super) fn nick_of(&self, jid: &BareJid) -> Option<&ResourceRef> {
        self.known.get(jid)?.nick.as_deref()
    }

    /// Who has reserved a nick.
    pub(super) fn holder(&self, nick: &ResourceRef) -> Option<&BareJid> {
        let mut known = self.known.iter();
        let (jid, _) = known.find(|(_, standing)| standing.nick.as_deref() == Some(nick))?;
        Some(jid)
    }

    /// Everybody of an affiliation.
    pub(super) fn list(
        &self,
        affiliation: Affiliation,
    ) -> impl Iterator<Item = (&BareJid, &Standing)> {
        let known = self.known.iter();
        known.filter(move |(_, standing)| standing.affiliation == affiliation)
    }

    /// Whether the room has no owner but this one.
    pub(super) fn is_only_owner(&self, jid: &BareJid) -> bool {
        self.of(jid) == Affiliation::Owner && self.list(Affiliation::Owner).count() == 1
    }

    /// Everybody, by JID.
    pub(super) fn all(&self) -> Vec<(BareJid, Affiliation)> {
        let known = self.known.iter();
        known
            .map(|(jid, standing)| (jid.clone(), standing.affiliation))
            .collect()
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}
