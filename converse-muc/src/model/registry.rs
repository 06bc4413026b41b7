//! The rooms that are open.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicBool, Ordering as Atomic};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use converse_core::view::{Publisher, View};
use dashmap::DashMap;
use jid::{BareJid, Jid};
use tokio::sync::Notify;

use super::room::Opened;
use crate::api::Room;
use crate::keeping::Shelf;

/// How many rooms can be open at once.
pub(crate) const MAX_ROOMS: usize = 1_000;

/// The open rooms by address. The actor alone adds to it and takes away; everybody reads.
///
/// It is changed under the followers' lock, so that snapshot and changes fit.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// By the text of the address, in its normal form.
    rooms: DashMap<Box<str>, Arc<Opened>>,
    followers: Publisher<Room>,
    is_away: AtomicBool,
    /// Something is different that is kept between runs.
    changed: Notify,
    /// Those that were open when the program ran last are open again.
    is_restored: AtomicBool,
    /// Where the rooms are kept.
    shelf: Mutex<Weak<Shelf>>,
}

impl Registry {
    /// Whether the application is out of view.
    pub(crate) fn is_away(&self) -> bool {
        self.is_away.load(Atomic::Relaxed)
    }

    /// The application is out of view, or in view again.
    pub(crate) fn set_away(&self, away: bool) {
        self.is_away.store(away, Atomic::Relaxed);
    }

    pub(crate) fn get(&self, jid: &BareJid) -> Option<Arc<Opened>> {
        self.find(jid.as_str())
    }

    /// The room that is, or in which is, who has that address.
    pub(crate) fn of(&self, jid: &Jid) -> Option<Arc<Opened>> {
        let bare = jid.as_str().split('/').next()?;
        self.find(bare)
    }

    fn find(&self, bare: &str) -> Option<Arc<Opened>> {
        self.rooms.get(bare).map(|room| Arc::clone(&room))
    }

    /// Whether the room is open.
    pub(crate) fn contains(&self, jid: &BareJid) -> bool {
        self.rooms.contains_key(jid.as_str())
    }

    /// Whether a stanza of this address may be one of a room: it is open, or it is not known yet which ones are.
    pub(crate) fn may_contain(&self, jid: &BareJid) -> bool {
        !self.is_restored.load(Atomic::Acquire) || self.contains(jid)
    }

    /// From now on it is known which rooms are open.
    pub(crate) fn restored(&self) {
        self.is_restored.store(true, Atomic::Release);
    }

    /// Where the rooms are kept; none before the first session.
    pub(crate) fn shelf(&self) -> Option<Arc<Shelf>> {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.upgrade()
    }

    pub(crate) fn set_shelf(&self, now: &Arc<Shelf>) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        *shelf = Arc::downgrade(now);
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

    /// All of them as they are now, sorted by address, and each change from now on. `handle` makes the entries.
    pub(crate) fn follow(&self, handle: impl Fn(Arc<Opened>) -> Room) -> View<Room> {
        self.followers
            .follow(|| self.all().into_iter().map(handle).collect())
    }

    /// Adds a room, of which this is a handle; `false` if there are too many.
    pub(crate) fn add(&self, room: Arc<Opened>, handle: Room) -> bool {
        self.followers.edit(|list| {
            let has_place = self.rooms.len() < MAX_ROOMS;
            if has_place {
                self.rooms.insert(room.jid.as_str().into(), room);
                self.note();
                list.put_sorted(handle, by_address);
            }
            has_place
        })
    }

    /// Something that a list of rooms shows is different in one: the status, the name, what is unread. One that is closed is
    /// not shown any more.
    pub(crate) fn touch(&self, room: &Room) {
        self.note();
        if !self.followers.is_followed() {
            return;
        }
        self.followers.edit(|list| {
            let found = self.rooms.get(room.jid().as_str());
            if found.is_some_and(|found| Arc::ptr_eq(&found, room.opened())) {
                list.put_sorted(room.clone(), by_address);
            }
        });
    }

    /// Something is different in a room that is kept between runs.
    pub(crate) fn note(&self) {
        self.changed.notify_one();
    }

    /// Waits until something is different that is kept between runs; one waits at a time.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Takes a room away; `false` if it was closed before.
    pub(crate) fn close(&self, room: &Arc<Opened>) -> bool {
        self.followers.edit(|list| {
            let found = self
                .rooms
                .remove_if(room.jid.as_str(), |_, found| Arc::ptr_eq(found, room));
            if found.is_some() {
                self.note();
                list.remove_sorted(|other| other.jid().cmp(&room.jid));
            }
        });
        room.close()
    }
}

fn by_address(one: &Room, other: &Room) -> Ordering {
    one.jid().cmp(other.jid())
}
