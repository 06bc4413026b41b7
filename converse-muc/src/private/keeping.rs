//! Private chats in the store: which are open, and what was written in them.

use std::hash::{BuildHasher, RandomState};

use converse_core::store::{Change, Namespace, StoreError};
use converse_messages::keeper::{Keeper, Noted, Source, private_log};
use converse_messages::model::History;
use jid::FullJid;
use serde::{Deserialize, Serialize};

use super::api::PrivateChat;
use super::conversation::Conversation;
use super::identity::Identity;
use crate::model::Opened;

/// With whom the private chats of the logs were.
const PEOPLE: Namespace = Namespace::new("muc.private", 100_000).dropping_oldest();
/// How many messages are there when a chat is opened.
const NEWEST: usize = 50;

/// A private chat as it is kept between runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct KeptChat {
    pub(super) nick: String,
    /// Where its messages are, if they are kept.
    pub(super) log: Option<String>,
    pub(super) identity: Identity,
    pub(super) was_seen: bool,
    pub(super) is_over: bool,
    pub(super) is_wanted: bool,
    pub(super) unread: usize,
}

impl Conversation {
    /// What is to be kept of it.
    pub(super) fn kept(&self) -> KeptChat {
        let state = self.any();
        KeptChat {
            nick: state.nick.clone(),
            log: state.history.log().map(str::to_owned),
            identity: state.identity.clone(),
            was_seen: state.was_seen,
            is_over: state.is_over,
            is_wanted: state.is_wanted,
            unread: state.unread,
        }
    }

    /// Takes what was kept.
    pub(super) fn restore(&self, kept: KeptChat) {
        let mut state = self.any();
        state.is_restored = true;
        state.identity = kept.identity;
        state.was_seen = kept.was_seen;
        state.is_over = kept.is_over;
        state.unread = kept.unread;
        if let Some(log) = kept.log {
            state.history.keep(log);
        }
    }
}

impl Source for Conversation {
    fn noted(&self) -> &Noted {
        &self.noted
    }

    fn with_history(&self, act: &mut dyn FnMut(&mut History)) {
        act(&mut self.any().history);
    }

    fn take_changes(&self) -> Vec<Change> {
        let mut state = self.any();
        let mut changes = state.history.take_changes();
        let person = serde_json::to_vec(&state.identity);
        if let (false, Some(log), Ok(person)) = (changes.is_empty(), state.history.log(), person) {
            changes.push(Change::put(PEOPLE, log, person));
        }
        changes
    }
}

/// Gives the private chats of a room that is being opened what was written in them.
pub(crate) async fn restore(keeper: &Keeper, room: &Opened) -> Result<(), StoreError> {
    for chat in room.private.all() {
        keeper.load(&*chat, NEWEST).await?;
    }
    Ok(())
}

impl PrivateChat {
    /// It was opened just now: what was written before with the same person is to be there soon.
    pub(super) fn keep_soon(&self) {
        let Some(keeper) = self.room().keeper() else {
            return;
        };
        let chat = self.clone();
        self.spawn(async move {
            if let Err(error) = chat.keep(&keeper).await {
                tracing::warn!(%error, "what was written in a private chat before is not known");
            }
        });
    }

    async fn keep(&self, keeper: &Keeper) -> Result<(), StoreError> {
        let Ok(jid) = self.jid() else { return Ok(()) };
        let who = self.conversation().any().identity.clone();
        // What was closed just now may not be there yet.
        keeper.flush().await?;
        let log = log_of(keeper, self.room().opened(), &jid, &who).await?;
        self.conversation().any().history.keep(log);
        keeper.load(self.conversation(), NEWEST).await?;
        self.note();
        Ok(())
    }

    /// Something is different that is kept between runs.
    pub(crate) fn note(&self) {
        let room = self.room();
        room.note();
        let writing = room.keeper().and_then(|keeper| keeper.touch(self.shared()));
        if let Some(writing) = writing {
            self.spawn(writing);
        }
    }
}

/// The log of the chat with somebody who has this address now. Only if it is certain that he is the one who had it before, what was
/// written then is in the same log.
async fn log_of(
    keeper: &Keeper,
    room: &Opened,
    jid: &FullJid,
    who: &Identity,
) -> Result<String, StoreError> {
    let open: Vec<String> = room
        .private
        .kept()
        .into_iter()
        .filter_map(|chat| chat.log)
        .collect();
    let of_nick = private_log(jid);
    let of_person = format!("private.{:016x}/{jid}", who.hash());
    for log in [of_nick, of_person] {
        let known: Option<Identity> = keeper.store().get_json(PEOPLE, &log).await?;
        if !open.contains(&log) && known.is_none_or(|known| known.is(who)) {
            return Ok(log);
        }
    }
    let unique = RandomState::new().hash_one(0);
    Ok(format!("private.{unique:016x}/{jid}"))
}
