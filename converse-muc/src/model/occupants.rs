//! Everybody who is in a room.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use converse_core::view::{Publisher, View};

use super::occupant::Occupant;

/// How many occupants of a room are kept; more are let in by the room, and not seen.
pub(crate) const MAX_OCCUPANTS: usize = 50_000;
/// How many bytes they take at most, about.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The occupants of a room by nick, which is unique in it. Nicks are compared as resources of addresses are: in their normal
/// form, byte by byte (RFC 7622 §3.4), which is how the room compares them.
///
/// Whoever follows is told while the room is locked, so that snapshot and changes fit.
#[derive(Debug, Default)]
pub(crate) struct Occupants {
    by_nick: HashSet<ByNick>,
    bytes: usize,
    followers: Publisher<Occupant>,
}

/// What became of somebody who was put among the occupants.
#[derive(Debug, PartialEq)]
pub(crate) enum Put {
    /// They are new.
    Joined(Occupant),
    /// They were there, and something about them is different.
    Changed(Occupant),
    /// They were there, and nothing is different.
    Same,
    /// There are too many.
    Full,
}

// 1 reading

impl Occupants {
    pub(crate) fn get(&self, nick: &str) -> Option<&Occupant> {
        self.by_nick.get(nick).map(|entry| &entry.0)
    }

    /// Everybody, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Occupant> {
        self.by_nick.iter().map(|entry| &entry.0)
    }

    /// Those who are like that, sorted by nick.
    pub(crate) fn those(&self, are: impl Fn(&Occupant) -> bool) -> Vec<Occupant> {
        let those = self.iter().filter(|occupant| are(occupant));
        let mut those: Vec<_> = those.cloned().collect();
        those.sort_unstable_by(|one, other| one.nick.cmp(&other.nick));
        those
    }

    /// Everybody, sorted by nick.
    pub(crate) fn all(&self) -> Vec<Occupant> {
        self.those(|_| true)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_nick.len()
    }

    /// Everybody, sorted by nick, and then every change.
    pub(crate) fn follow(&self) -> View<Occupant> {
        self.followers.follow(|| self.all())
    }
}

// 2 changing

impl Occupants {
    /// Adds somebody, or takes what is known of them now in place of what was known before. The user is `always` let in.
    pub(crate) fn put(&mut self, mut occupant: Occupant, always: bool) -> Put {
        let known = self.get(&occupant.nick);
        if known == Some(&occupant) {
            return Put::Same;
        }
        let freed = known.map(|known| known.size());
        let others = self.bytes - freed.unwrap_or(0);
        if others + occupant.size() > MAX_BYTES {
            // Who is in the room stays there, without what they have to say.
            occupant.change().strip();
        }
        let has_place = self.len() < MAX_OCCUPANTS && others + occupant.size() <= MAX_BYTES;
        if freed.is_none() && !has_place && !always {
            return Put::Full;
        }
        self.bytes = others + occupant.size();
        self.by_nick.replace(ByNick(occupant.clone()));
        self.tell_of(&occupant);
        match freed {
            Some(_) => Put::Changed(occupant),
            None => Put::Joined(occupant),
        }
    }

    /// Somebody is gone; who it was, if anybody was there.
    pub(crate) fn remove(&mut self, nick: &str) -> Option<Occupant> {
        let ByNick(gone) = self.by_nick.take(nick)?;
        self.bytes -= gone.size();
        self.followers
            .remove_sorted(|other| other.nick.as_str().cmp(nick));
        Some(gone)
    }

    /// Somebody has another nick: the occupant as they are now, if anybody was there.
    pub(crate) fn rename(&mut self, old: &str, new: &str) -> Option<Occupant> {
        let mut occupant = self.remove(old)?;
        new.clone_into(&mut occupant.change().nick);
        // Nobody has two places: whoever was thought to have that nick is not there.
        self.remove(new);
        self.put(occupant.clone(), true);
        Some(occupant)
    }

    /// Nobody is there any more, or it is not known who.
    pub(crate) fn clear(&mut self) {
        if self.by_nick.is_empty() {
            return;
        }
        self.by_nick = HashSet::default();
        self.bytes = 0;
        if self.followers.is_followed() {
            self.followers.edit(|list| list.reset(Vec::new()));
        }
    }

    /// The room is closed: nothing comes any more.
    pub(crate) fn close(&mut self) {
        *self = Self::default();
    }

    fn tell_of(&self, occupant: &Occupant) {
        let by_nick = |one: &Occupant, other: &Occupant| one.nick.cmp(&other.nick);
        self.followers.put_sorted(|| occupant.clone(), by_nick);
    }
}

/// An occupant among those of other nicks.
#[derive(Debug)]
struct ByNick(Occupant);

impl Borrow<str> for ByNick {
    fn borrow(&self) -> &str {
        &self.0.nick
    }
}

impl Hash for ByNick {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.nick.hash(state);
    }
}

impl PartialEq for ByNick {
    fn eq(&self, other: &Self) -> bool {
        self.0.nick == other.0.nick
    }
}

impl Eq for ByNick {}

#[cfg(test)]
mod tests;
