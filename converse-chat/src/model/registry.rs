//! The chats that are open.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::atomic::{self, AtomicBool};
use std::sync::{Arc, Mutex, PoisonError};

use converse_core::session::SessionNumber;
use converse_core::store::Place;
use converse_core::view::{Publisher, View};
use dashmap::{DashMap, Entry};
use jid::BareJid;

use super::archive::OwnArchive;
use super::conversation::{Conversation, Kind};
use super::focus::Focus;
use super::kept::Kept;
use crate::api::Chat;
use crate::receipts;
use crate::sharing::Sharing;
use converse_messages::model::Change;
use converse_messages::sync::ArchiveState;

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
    /// The session in which the archive has told what it has, or turned out not to be there.
    caught_up: Mutex<Option<SessionNumber>>,
    /// Where the user looks.
    pub(crate) focus: Focus,
    /// What others are still to be told of their messages.
    pub(crate) receipts: receipts::Waiting,
    /// How much of the account's archive is known.
    pub(crate) archive: OwnArchive,
    /// What the account's clients know of each other.
    pub(crate) sharing: Sharing,
    /// Whose chats these are, and where they are kept.
    keeping: Mutex<Option<(BareJid, Kept)>>,
    /// Whose chats of before are all there.
    begun: Mutex<Option<BareJid>>,
    /// Whoever gets them there holds it.
    pub(crate) beginning: tokio::sync::Mutex<()>,
    /// Who follows the list of the chats. Its lock is taken before those of the tables and of new chats, and after that of
    /// a chat that others know.
    followers: Publisher<Chat>,
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

    /// The chat of that address. `handle` is called for a new one, before anybody else can find it.
    pub(crate) fn open(
        &self,
        kind: Kind,
        jid: &BareJid,
        wanted: bool,
        handle: impl FnOnce(&Arc<Conversation>) -> Chat,
    ) -> Arc<Conversation> {
        if let Some(chat) = self.get(kind, jid) {
            return chat;
        }
        self.followers.edit(|list| {
            let place = match self.table(kind).entry(jid.clone()) {
                Entry::Occupied(chat) => return Arc::clone(chat.get()),
                Entry::Vacant(place) => place,
            };
            let chat = Conversation::new(jid.clone(), kind, wanted);
            if kind == Kind::Chat {
                self.hand_over_early(&chat);
            }
            let handle = handle(&chat);
            if let Some(kept) = self.kept() {
                chat.keep(&kept);
            }
            if kind == Kind::Chat {
                list.put_sorted(handle, by_address);
            }
            Arc::clone(&place.insert(chat))
        })
    }

    /// The chats with one person as they are now, sorted by address, and each change from now on. `handle` makes the
    /// entries.
    pub(crate) fn follow(&self, handle: impl Fn(Arc<Conversation>) -> Chat) -> View<Chat> {
        let snapshot = || self.all(Kind::Chat).into_iter().map(handle).collect();
        self.followers.follow(snapshot)
    }

    /// Something is different in a chat that is open; whoever calls it holds its lock.
    pub(crate) fn touch(&self, chat: &Chat) {
        if chat.conversation().kind == Kind::Chat {
            self.followers.put_sorted(|| chat.clone(), by_address);
        }
    }

    /// Whether the account's server vouches for the stanza ids that it gives (XEP-0359 §5).
    pub(crate) fn has_stanza_ids(&self) -> bool {
        self.has_stanza_ids.load(atomic::Ordering::Relaxed)
    }

    pub(crate) fn set_stanza_ids(&self, vouched: bool) {
        self.has_stanza_ids
            .store(vouched, atomic::Ordering::Relaxed);
    }

    /// Whether what the account's archive has is here: what is not among it was not sent.
    pub(crate) fn is_caught_up(&self, session: SessionNumber) -> bool {
        let caught_up = self.caught_up.lock();
        *caught_up.unwrap_or_else(PoisonError::into_inner) == Some(session)
    }

    /// The archive has told what it has, or there is none.
    pub(crate) fn catch_up(&self, session: SessionNumber) {
        let caught_up = self.caught_up.lock();
        *caught_up.unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    /// Tells where a message stands that the account's archive has under an id, if it is here.
    pub(crate) fn archived_places(&self) -> impl Fn(&str) -> Option<Place> + use<> {
        // Not while a table is locked: a chat that is being closed is locked before it.
        let mut chats = self.all(Kind::Chat);
        chats.extend(self.all(Kind::Headlines));
        move |id| {
            let mut chats = chats.iter();
            chats.find_map(|chat| chat.lock().history.archived_place(id))
        }
    }

    /// The same for the messages of one chat.
    pub(crate) fn archived_place_in(&self, kind: Kind, jid: &BareJid, id: &str) -> Option<Place> {
        let chat = self.get(kind, jid)?;
        chat.lock().history.archived_place(id)
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

    /// Where the chats are kept, if they are.
    pub(crate) fn kept(&self) -> Option<Kept> {
        let keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        keeping.as_ref().map(|(_, kept)| kept.clone())
    }

    /// Whether messages are kept for good.
    pub(crate) fn keeps_messages(&self) -> bool {
        self.kept().is_some_and(|kept| kept.messages.is_some())
    }

    /// Whose chats these are; `None` before the first login.
    pub(crate) fn account(&self) -> Option<BareJid> {
        let keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        keeping.as_ref().map(|(account, _)| account.clone())
    }

    /// Whether what is kept of the account's chats is there.
    pub(crate) fn is_begun(&self, account: &BareJid) -> bool {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.as_ref() == Some(account)
    }

    pub(crate) fn set_begun(&self, account: BareJid) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        *begun = Some(account);
    }

    /// From now on the chats are those of this account, and kept there.
    pub(crate) fn keep(&self, account: BareJid, kept: Kept) {
        let mut keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        *keeping = Some((account, kept.clone()));
        drop(keeping);
        for kind in [Kind::Chat, Kind::Headlines] {
            for chat in self.all(kind) {
                chat.keep(&kept);
            }
        }
    }

    /// Nothing is known of the account any more; its chats are [put away](Self::put_away).
    pub(crate) fn forget(&self) {
        fn clear<T: Default>(value: &Mutex<T>) {
            *value.lock().unwrap_or_else(PoisonError::into_inner) = T::default();
        }
        clear(&self.keeping);
        clear(&self.begun);
        clear(&self.early);
        clear(&self.unwanted);
        clear(&self.caught_up);
        self.archive.lock().restore(ArchiveState::default());
        self.receipts.give_up();
        self.sharing.forget();
    }

    /// Takes a chat of another account away, which is open still where it is kept.
    pub(crate) fn put_away(&self, chat: &Arc<Conversation>) {
        chat.put_away(|| self.take_away(chat));
    }

    /// Takes a chat away; `false` if it was closed before.
    pub(crate) fn close(&self, chat: &Arc<Conversation>) -> bool {
        // While its lock is held, whoever finds it waits, and does not find it again.
        chat.close(|| self.take_away(chat))
    }

    fn take_away(&self, chat: &Arc<Conversation>) {
        self.followers.edit(|list| {
            self.table(chat.kind)
                .remove_if(&chat.jid, |_, found| Arc::ptr_eq(found, chat));
            if chat.kind == Kind::Chat {
                list.remove_sorted(|other| other.jid().cmp(&chat.jid));
            }
        });
    }
}

fn by_address(one: &Chat, other: &Chat) -> Ordering {
    one.jid().cmp(other.jid())
}
