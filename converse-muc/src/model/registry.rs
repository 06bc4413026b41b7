//! The rooms that are open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dashmap::DashMap;
use jid::BareJid;

use super::room::Opened;

/// How many rooms can be open at once.
pub(crate) const MAX_ROOMS: usize = 1_000;

/// The open rooms by address. The actor alone adds to it and takes away; everybody reads.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    rooms: DashMap<BareJid, Arc<Opened>>,
    is_away: AtomicBool,
}

impl Registry {
    /// Whether the application is out of view.
    pub(crate) fn is_away(&self) -> bool {
        self.is_away.load(Ordering::Relaxed)
    }

    /// The application is out of view, or in view again.
    pub(crate) fn set_away(&self, away: bool) {
        self.is_away.store(away, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, jid: &BareJid) -> Option<Arc<Opened>> {
        self.rooms.get(jid).map(|room| Arc::clone(&room))
    }

    /// Whether the room is open.
    pub(crate) fn contains(&self, jid: &BareJid) -> bool {
        self.rooms.contains_key(jid)
    }

    /// Whether the room is open and has let the user in at least once.
    pub(crate) fn is_visited(&self, jid: &BareJid) -> bool {
        self.get(jid).is_some_and(|room| room.any().nick.is_some())
    }

    /// All of them, sorted by address.
    pub(crate) fn all(&self) -> Vec<Arc<Opened>> {
        let mut all: Vec<_> = self.rooms.iter().map(|room| Arc::clone(&room)).collect();
        all.sort_unstable_by(|one, other| one.jid.cmp(&other.jid));
        all
    }

    /// Adds a room; `false` if there are too many.
    pub(crate) fn add(&self, room: Arc<Opened>) -> bool {
        let has_place = self.rooms.len() < MAX_ROOMS;
        if has_place {
            self.rooms.insert(room.jid.clone(), room);
        }
        has_place
    }

    /// Takes a room away; `false` if it was closed before.
    pub(crate) fn close(&self, room: &Arc<Opened>) -> bool {
        self.rooms
            .remove_if(&room.jid, |_, found| Arc::ptr_eq(found, room));
        room.close()
    }
}
