//! The messages of rooms in the store.

use std::collections::HashMap;

use converse_core::store::{AccountStore, Change, LogScan, Place, Record, StoreError};
use converse_messages::sync::{ARCHIVES, ArchiveState};
use jid::BareJid;
use tokio::sync::Mutex;

use crate::model::{Opened, State};

/// How many messages of a room are there when it is opened.
const NEWEST: usize = 50;
/// How many more may be, because they came after what is known of the archive.
const MOST: usize = 1_000;
/// How many changes of one room wait for a store that fails.
const MAX_WAITING: usize = 10_000;

/// Keeps what is said in rooms, each room in a log of its own, together with how much of its archive that is: both are written at
/// once, so that nothing is missing that is said to be there.
pub(super) struct Messages {
    store: AccountStore,
    /// What is to be written, by room.
    waiting: std::sync::Mutex<HashMap<BareJid, Vec<Change>>>,
    /// Whoever writes holds it, so that what is older is written first.
    writing: Mutex<()>,
}

/// The log of a room.
fn log_of(room: &BareJid) -> String {
    format!("room/{room}")
}

impl Messages {
    pub(super) fn new(store: AccountStore) -> Self {
        Self {
            store,
            waiting: std::sync::Mutex::default(),
            writing: Mutex::new(()),
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<BareJid, Vec<Change>>> {
        let waiting = self.waiting.lock();
        waiting.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes what is different in a room, to be written soon.
    pub(super) fn collect(&self, room: &Opened) {
        let changes = changes_of(&mut room.any(), &room.jid);
        if changes.is_empty() {
            return;
        }
        let mut waiting = self.waiting();
        let all = waiting.entry(room.jid.clone()).or_default();
        all.extend(changes);
        if all.len() > MAX_WAITING {
            tracing::warn!(room = %room.jid, "the store takes no messages; the oldest are not kept");
            all.drain(..all.len() - MAX_WAITING);
        }
    }

    /// Writes what was collected; of each room all of it, or nothing.
    pub(super) async fn write(&self) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let rooms: Vec<BareJid> = self.waiting().keys().cloned().collect();
        let mut outcome = Ok(());
        for room in rooms {
            outcome = outcome.and(self.write_room(&room).await);
        }
        outcome
    }

    /// The same of one room.
    pub(super) async fn write_one(&self, room: &BareJid) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        self.write_room(room).await
    }

    async fn write_room(&self, room: &BareJid) -> Result<(), StoreError> {
        let Some(changes) = self.waiting().remove(room) else {
            return Ok(());
        };
        let written = self.store.write(changes.clone()).await;
        if written.is_err() {
            // What came meanwhile comes after it.
            let mut waiting = self.waiting();
            let all = waiting.entry(room.clone()).or_default();
            let newer = std::mem::replace(all, changes);
            all.extend(newer);
        }
        written
    }

    /// Gives a room that is being opened its newest messages, and what is known of its archive.
    pub(super) async fn restore(&self, room: &Opened) -> Result<(), StoreError> {
        // It may have been closed just now.
        self.write_one(&room.jid).await?;
        let key = ArchiveState::key(Some(&room.jid));
        let kept = self.store.get(ARCHIVES, &key).await?;
        let archive = kept.map(|kept| ArchiveState::from_value(&kept)).transpose();
        let archive = match archive {
            Ok(archive) => archive.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(room = %room.jid, %error, "what is known of a room's archive is not used");
                ArchiveState::default()
            }
        };
        let cursor = archive.cursor().map(|cursor| cursor.place);
        let (records, has_older) = self.newest(&room.jid, cursor).await?;
        let mut state = room.any();
        let talk = &mut state.talk;
        talk.history.keep(log_of(&room.jid));
        talk.history.restore(records, has_older);
        talk.archive.restore(archive);
        Ok(())
    }

    /// The newest messages of a room, and whether there are older ones: at least those that stand behind `cursor`, which its archive
    /// will tell again.
    async fn newest(
        &self,
        room: &BareJid,
        cursor: Option<Place>,
    ) -> Result<(Vec<Record>, bool), StoreError> {
        let scan = LogScan::newest(log_of(room));
        let page = self.store.records(scan.clone().limit(NEWEST)).await?;
        let (mut records, mut has_older) = (page.records, page.more);
        while let (true, Some(last)) = (has_older && records.len() < MOST, records.last()) {
            if cursor.is_none_or(|cursor| last.place <= cursor) {
                break;
            }
            let next = scan.clone().beyond(last.place).limit(MOST - records.len());
            let page = self.store.records(next).await?;
            has_older = page.more;
            records.extend(page.records);
        }
        Ok((records, has_older))
    }

    /// Those before a place, the newest first, and whether there are still older ones.
    pub(super) async fn before(
        &self,
        room: &BareJid,
        place: Place,
        count: usize,
    ) -> Result<(Vec<Record>, bool), StoreError> {
        self.write_one(room).await?;
        let scan = LogScan::newest(log_of(room)).beyond(place).limit(count);
        let page = self.store.records(scan).await?;
        Ok((page.records, page.more))
    }
}

fn changes_of(state: &mut State, room: &BareJid) -> Vec<Change> {
    let talk = &mut state.talk;
    let mut changes = talk.history.take_changes();
    if let Some(archive) = talk.archive.take_dirty() {
        match archive.to_change(ArchiveState::key(Some(room))) {
            Ok(change) => changes.push(change),
            Err(error) => {
                tracing::warn!(%room, %error, "what is known of a room's archive is not kept")
            }
        }
    }
    changes
}
