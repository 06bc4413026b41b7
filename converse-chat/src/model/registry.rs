//! The chats that are open.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dashmap::{DashMap, Entry};
use jid::BareJid;

use super::conversation::{Conversation, Kind};
use super::focus::Focus;
use super::fold::Change;
use crate::receipts;
use crate::sharing::Sharing;

/// How many chats people who are no contacts can open by writing; with one more, the oldest of them is closed.
pub(crate) const MAX_UNWANTED: usize = 1_000;
/// How many changes wait for chats that are not open; with one more, the oldest is forgotten.
pub(crate) const MAX_EARLY: usize = 256;

/// The open chats by address.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    chats: DashMap<BareJid, Arc<Conversation>>,
    headlines: DashMap<BareJid, Arc<Conversation>>,
    /// Opened by people who are no contacts, the oldest first; some may be closed or wanted since.
    unwanted: Mutex<VecDeque<Arc<Conversation>>>,
    /// What came before the messages that it is about, for chats that are not open.
    early: Mutex<VecDeque<(BareJid, Change)>>,
    has_stanza_ids: AtomicBool,
    /// Where the user looks.
    pub(crate) focus: Focus,
    /// What others are still to be told of their messages.
    pub(crate) receipts: receipts::Waiting,
    /// What the account's clients know of each other.
    pub(crate) sharing: Sharing,
}

impl Registry {
    fn table(&self, kind: Kind) -> &DashMap<BareJid, Arc<Conversation>> {
        match kind {
            Kind::Chat => &self.chats,
            Kind::Headlines => &self.headlines,
        }
    }

    pub(crate) fn get(&self, kind: Kind, jid: &BareJid) -> Option<Arc<Conversation>> {
        self.table(kind).get(jid).map(|chat| Arc::clone(&chat))
    }

    /// All of a kind, sorted by address.
    pub(crate) fn all(&self, kind: Kind) -> Vec<Arc<Conversation>> {
        let chats = self.table(kind).iter();
        let mut all: Vec<_> = chats.map(|chat| Arc::clone(&chat)).collect();
        all.sort_unstable_by(|one, other| one.jid.cmp(&other.jid));
        all
    }

    /// The chat of that address. `announce` is called for a new one before anybody else can find it.
    pub(crate) fn open(
        &self,
        kind: Kind,
        jid: &BareJid,
        wanted: bool,
        announce: impl FnOnce(&Arc<Conversation>),
    ) -> Arc<Conversation> {
        match self.table(kind).entry(jid.clone()) {
            Entry::Occupied(chat) => Arc::clone(chat.get()),
            Entry::Vacant(place) => {
                let chat = Arc::new(Conversation::new(jid.clone(), kind, wanted));
                if kind == Kind::Chat {
                    self.hand_over_early(&chat);
                }
                announce(&chat);
                Arc::clone(&place.insert(chat))
            }
        }
    }

    /// Whether the account's server vouches for the stanza ids that it gives (XEP-0359 §5).
    pub(crate) fn has_stanza_ids(&self) -> bool {
        self.has_stanza_ids.load(Ordering::Relaxed)
    }

    pub(crate) fn set_stanza_ids(&self, vouched: bool) {
        self.has_stanza_ids.store(vouched, Ordering::Relaxed);
    }

    /// Keeps a change until the chat that it belongs to is open.
    pub(crate) fn note_early(&self, jid: &BareJid, change: Change) {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        if early.len() >= MAX_EARLY {
            early.pop_front();
        }
        early.push_back((jid.clone(), change));
    }

    /// Gives a new chat the changes that have waited for it.
    fn hand_over_early(&self, chat: &Conversation) {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        if early.is_empty() {
            return;
        }
        let (own, others) = std::mem::take(&mut *early)
            .into_iter()
            .partition::<Vec<_>, _>(|(jid, _)| *jid == chat.jid);
        *early = others.into();
        let mut state = chat.any();
        for (_, change) in own {
            // None of its messages is here.
            state.history.fold(change);
        }
    }

    /// Remembers a chat that somebody unknown opened; the one that is to be closed for it, if there is one.
    pub(crate) fn note_unwanted(&self, chat: Arc<Conversation>) -> Option<Arc<Conversation>> {
        let mut unwanted = self.unwanted.lock().unwrap_or_else(PoisonError::into_inner);
        unwanted.push_back(chat);
        if unwanted.len() <= MAX_UNWANTED {
            return None;
        }
        let oldest = unwanted.pop_front()?;
        let is_unwanted = oldest.open().is_ok_and(|state| !state.wanted);
        is_unwanted.then_some(oldest)
    }

    /// Takes a chat away; `false` if it was closed before.
    pub(crate) fn close(&self, chat: &Arc<Conversation>) -> bool {
        // It cannot be found any more before it is closed, so nobody finds a closed one.
        self.table(chat.kind)
            .remove_if(&chat.jid, |_, found| Arc::ptr_eq(found, chat));
        chat.close()
    }
}
