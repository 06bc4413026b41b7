//! Everybody who is in a room.

mod nicks;

use converse_core::view::{Publisher, View};

use super::occupant::Occupant;
use nicks::Nicks;

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
    by_nick: Nicks,
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
        self.by_nick.get(nick)
    }

    /// Everybody, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Occupant> {
        self.by_nick.iter()
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
        let is_tight = self.len() >= MAX_OCCUPANTS || self.bytes + occupant.size() > MAX_BYTES;
        if is_tight && !self.squeeze(&mut occupant) && !always {
            return Put::Full;
        }
        self.bytes += occupant.size();
        let known = self.by_nick.replace(occupant.clone());
        let put = match known {
            Some(known) => {
                self.bytes -= known.size();
                if known == occupant {
                    return Put::Same;
                }
                Put::Changed
            }
            None => Put::Joined,
        };
        self.tell_of(&occupant);
        put(occupant)
    }

    /// Looks for a place for somebody where there are few left; `false` if there is none. Who is in the room stays there,
    /// without what they have to say if need be.
    fn squeeze(&self, occupant: &mut Occupant) -> bool {
        let known = self.get(&occupant.nick);
        let others = self.bytes - known.map_or(0, |known| known.size());
        if others + occupant.size() > MAX_BYTES {
            occupant.change().strip();
        }
        let has_place = self.len() < MAX_OCCUPANTS && others + occupant.size() <= MAX_BYTES;
        known.is_some() || has_place
    }

    /// Somebody is gone; who it was, if anybody was there.
    pub(crate) fn remove(&mut self, nick: &str) -> Option<Occupant> {
        let gone = self.by_nick.remove(nick)?;
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
        if self.len() == 0 {
            return;
        }
        self.by_nick = Nicks::default();
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

#[cfg(test)]
mod tests;
