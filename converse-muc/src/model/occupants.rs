//! Everybody who is in a room.

use std::collections::BTreeMap;

use super::occupant::Occupant;

/// The occupants of a room by nick, which is unique in it.
#[derive(Debug, Default)]
pub(crate) struct Occupants {
    by_nick: BTreeMap<String, Occupant>,
}

impl Occupants {
    pub(crate) fn get(&self, nick: &str) -> Option<&Occupant> {
        self.by_nick.get(nick)
    }

    /// Everybody, sorted by nick.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Occupant> {
        self.by_nick.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_nick.len()
    }

    /// Adds somebody, or takes what is known of them now in place of what was known before.
    pub(crate) fn put(&mut self, occupant: Occupant) {
        self.by_nick.insert(occupant.nick.clone(), occupant);
    }

    /// Somebody is gone; who it was, if anybody was there.
    pub(crate) fn remove(&mut self, nick: &str) -> Option<Occupant> {
        self.by_nick.remove(nick)
    }

    /// Somebody has another nick: the occupant as they are now, if anybody was there.
    pub(crate) fn rename(&mut self, old: &str, new: &str) -> Option<Occupant> {
        let mut occupant = self.remove(old)?;
        new.clone_into(&mut occupant.nick);
        self.put(occupant.clone());
        Some(occupant)
    }

    /// Nobody is there any more, or it is not known who.
    pub(crate) fn clear(&mut self) {
        self.by_nick.clear();
    }
}
