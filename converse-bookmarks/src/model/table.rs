//! The bookmarks as everybody reads them.

mod own;
mod state;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use converse_core::view::{Publisher, View};
use jid::BareJid;

use super::bookmark::Bookmark;
use super::places::{Offer, Place};
use state::State;

pub(crate) use own::{Ticket, Written};
pub(crate) use state::merge;

/// A bookmark as a place has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The id of its item, where that is not the address as it is normally written.
    pub(crate) id: Option<String>,
    pub(crate) bookmark: Bookmark,
}

/// What a place has told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// This is all there is.
    All(BTreeMap<BareJid, Kept>),
    /// These are new, and those are gone.
    Some { kept: Vec<Kept>, gone: Vec<BareJid> },
}

/// What became of a bookmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) before: Option<Bookmark>,
    pub(crate) after: Option<Bookmark>,
    /// It was changed from here.
    pub(crate) own: bool,
}

/// What came out of news.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) changes: Vec<Change>,
    /// Items that are to be removed, because their entries were removed from the list that older clients know.
    pub(crate) obsolete: Vec<String>,
}

/// The bookmarks of the account, from every place where some are kept; the actor alone changes what is in it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    state: Mutex<State>,
    /// Who follows the list; called with the lock of the state held.
    followers: Publisher<Bookmark>,
}

impl Table {
    pub(crate) fn get(&self, jid: &BareJid) -> Option<Bookmark> {
        self.state().shown.get(jid).cloned()
    }

    /// All of them, sorted by address.
    pub(crate) fn all(&self) -> Vec<Bookmark> {
        self.state().shown.values().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.state().shown.len()
    }

    pub(crate) fn follow(&self) -> View<Bookmark> {
        let state = self.state();
        let snapshot = || state.shown.values().cloned().collect();
        self.followers.follow(snapshot)
    }

    /// The id of the item that holds the bookmark.
    pub(crate) fn item_of(&self, jid: &BareJid) -> String {
        let state = self.state();
        let kept = state.kept[Place::Native.index()].get(jid);
        let id = kept.and_then(|kept| kept.id.clone());
        id.unwrap_or_else(|| jid.to_string())
    }

    /// A session of `account` begins: what is known is what was, until every place has answered.
    pub(crate) fn open(&self, account: &BareJid) {
        let mut state = self.state();
        state.answered = [false; 3];
        state.settled = false;
        state.own.clear();
        if state.account.as_ref() == Some(account) {
            return;
        }
        *state = State {
            account: Some(account.clone()),
            ..State::default()
        };
        self.followers.edit(|list| list.reset(Vec::new()));
    }

    /// Nothing is known any more.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        *state = State::default();
        self.followers.edit(|list| list.reset(Vec::new()));
    }

    /// A place has answered with what it has, or will not say: then it counts as it was.
    pub(crate) fn answered(&self, place: Place, kept: Option<BTreeMap<BareJid, Kept>>) {
        let mut state = self.state();
        state.answered[place.index()] = true;
        if let Some(kept) = kept {
            state.kept[place.index()] = kept;
        }
    }

    /// Every place has answered. What follows from it is a change only where something was known of this account before.
    pub(crate) fn settle(&self, offer: Offer) -> Vec<Change> {
        let mut state = self.state();
        for place in Place::ALL {
            if !offer.has(place) {
                state.kept[place.index()].clear();
            }
        }
        state.settled = true;
        state.known = true;
        let all = state.merged();
        let before = std::mem::replace(&mut state.shown, all);
        if before == state.shown {
            return Vec::new();
        }
        self.followers
            .edit(|list| list.reset(state.shown.values().cloned().collect()));
        let gone = before.keys().filter(|jid| !state.shown.contains_key(*jid));
        let jids: Vec<&BareJid> = gone.chain(state.shown.keys()).collect();
        let changes = jids.into_iter().map(|jid| Change {
            before: before.get(jid).cloned(),
            after: state.shown.get(jid).cloned(),
            own: false,
        });
        changes.filter(|it| it.before != it.after).collect()
    }

    /// Whether the bookmarks of this account were known in an earlier session.
    pub(crate) fn is_known(&self) -> bool {
        self.state().known
    }

    /// A place tells of something. Before it has answered nothing is taken: its answer comes later, and says that too.
    pub(crate) fn heard(&self, place: Place, news: News) -> Outcome {
        let mut state = self.state();
        if !state.answered[place.index()] {
            return Outcome::default();
        }
        let (touched, obsolete) = state.take(place, news, None);
        if !state.settled {
            return Outcome::default();
        }
        let changes = state.show_all(touched);
        self.tell(&changes);
        Outcome { changes, obsolete }
    }

    fn tell(&self, changes: &[Change]) {
        if !self.followers.is_followed() {
            return;
        }
        self.followers.edit(|list| {
            for change in changes {
                match (&change.before, &change.after) {
                    (_, Some(after)) => {
                        list.put_sorted(after.clone(), |one, other| one.jid.cmp(&other.jid));
                    }
                    (Some(before), None) => list.remove_sorted(|it| it.jid.cmp(&before.jid)),
                    (None, None) => {}
                }
            }
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
