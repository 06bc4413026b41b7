//! The private chats of a room.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use converse_core::view::{Publisher, View};
use jid::BareJid;

use super::api::PrivateChat;
use super::conversation::Conversation;
use super::keeping::KeptChat;

/// How many private chats of a room others can open by writing; with one more, the oldest of them is closed.
pub(crate) const MAX_UNWANTED: usize = 100;

/// The open private chats of a room.
#[derive(Debug, Default)]
pub(crate) struct Table {
    chats: Mutex<Chats>,
    /// Who follows the list. Its lock is taken before that of the chats.
    followers: Publisher<PrivateChat>,
}

#[derive(Debug, Default)]
struct Chats {
    /// In the order in which they were opened, also those whose nick belongs to somebody else now.
    all: BTreeMap<u64, Arc<Conversation>>,
    by_nick: HashMap<String, u64>,
    /// Opened by others, the oldest first; some may be closed or wanted since.
    unwanted: VecDeque<Arc<Conversation>>,
    next: u64,
}

impl Table {
    fn chats(&self) -> MutexGuard<'_, Chats> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The chat with whoever has that nick.
    pub(crate) fn get(&self, nick: &str) -> Option<Arc<Conversation>> {
        let chats = self.chats();
        let number = chats.by_nick.get(nick)?;
        chats.all.get(number).map(Arc::clone)
    }

    /// All of them, in the order in which they were opened.
    pub(crate) fn all(&self) -> Vec<Arc<Conversation>> {
        self.chats().all.values().map(Arc::clone).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.chats().all.len()
    }

    /// The chat with whoever has that nick. `handle` is called for a new one, before anybody else can find it.
    pub(crate) fn open(
        &self,
        room: &BareJid,
        nick: &str,
        is_wanted: bool,
        handle: impl FnOnce(&Arc<Conversation>) -> PrivateChat,
    ) -> Arc<Conversation> {
        if let Some(chat) = self.get(nick) {
            return chat;
        }
        self.followers.edit(|list| {
            let mut chats = self.chats();
            let known = chats.by_nick.get(nick).copied();
            if let Some(chat) = known.and_then(|number| chats.all.get(&number)) {
                return Arc::clone(chat);
            }
            chats.next += 1;
            let number = chats.next;
            let chat = Arc::new(Conversation::new(room.clone(), number, nick, is_wanted));
            chats.by_nick.insert(nick.to_owned(), number);
            chats.all.insert(number, Arc::clone(&chat));
            list.put_sorted(handle(&chat), by_number);
            chat
        })
    }

    /// Opens the chats again that were kept.
    pub(crate) fn restore(&self, room: &BareJid, kept: Vec<KeptChat>) {
        let mut chats = self.chats();
        for kept in kept {
            chats.next += 1;
            let number = chats.next;
            let chat = Conversation::new(room.clone(), number, &kept.nick, kept.is_wanted);
            let chat = Arc::new(chat);
            if !kept.is_over {
                chats.by_nick.insert(kept.nick.clone(), number);
            }
            if !kept.is_wanted {
                chats.unwanted.push_back(Arc::clone(&chat));
            }
            chat.restore(kept);
            chats.all.insert(number, chat);
        }
    }

    /// What is to be kept of them.
    pub(crate) fn kept(&self) -> Vec<KeptChat> {
        self.all().iter().map(|chat| chat.kept()).collect()
    }

    /// Remembers a chat that somebody else opened; the one that is to be closed for it, if there is one.
    pub(crate) fn note_unwanted(&self, chat: Arc<Conversation>) -> Option<Arc<Conversation>> {
        let oldest = {
            let mut chats = self.chats();
            chats.unwanted.push_back(chat);
            let is_full = chats.unwanted.len() > MAX_UNWANTED;
            is_full.then(|| chats.unwanted.pop_front()).flatten()?
        };
        let is_unwanted = oldest.open().is_ok_and(|state| !state.is_wanted);
        is_unwanted.then_some(oldest)
    }

    /// Somebody has another nick. The chat with him, and the one with whoever had that nick before.
    pub(crate) fn rename(
        &self,
        old: &str,
        new: &str,
    ) -> (Option<Arc<Conversation>>, Option<Arc<Conversation>>) {
        let mut chats = self.chats();
        let over = chats.by_nick.remove(new);
        let moved = chats.by_nick.remove(old);
        if let Some(number) = moved {
            chats.by_nick.insert(new.to_owned(), number);
        }
        let get = |number: Option<u64>| chats.all.get(&number?).map(Arc::clone);
        (get(moved), get(over))
    }

    /// The nick belongs to somebody else now: the chat with whoever had it is not found by it any more.
    pub(crate) fn part(&self, nick: &str, chat: &Conversation) {
        let mut chats = self.chats();
        if chats.by_nick.get(nick) == Some(&chat.number) {
            chats.by_nick.remove(nick);
        }
    }

    /// Takes a chat away; `false` if it was closed before.
    pub(crate) fn close(&self, chat: &Conversation) -> bool {
        chat.close(|| {
            self.followers.edit(|list| {
                let mut chats = self.chats();
                chats.all.remove(&chat.number);
                chats.by_nick.retain(|_, number| *number != chat.number);
                chats.unwanted.retain(|other| other.number != chat.number);
                list.remove_sorted(|other| other.conversation().number.cmp(&chat.number));
            });
        })
    }

    /// The chats as they are now, in the order in which they were opened, and each change from now on. `handle` makes the
    /// entries.
    pub(crate) fn follow(
        &self,
        handle: impl Fn(Arc<Conversation>) -> PrivateChat,
    ) -> View<PrivateChat> {
        self.followers
            .follow(|| self.all().into_iter().map(handle).collect())
    }

    /// Something is different in a chat that is open; whoever calls it holds its lock.
    pub(crate) fn touch(&self, chat: &PrivateChat) {
        self.followers.put_sorted(|| chat.clone(), by_number);
    }
}

fn by_number(one: &PrivateChat, other: &PrivateChat) -> std::cmp::Ordering {
    one.conversation().number.cmp(&other.conversation().number)
}
