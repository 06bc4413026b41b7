//! Keeping what is sent: what several want written goes into the store in one write.

use std::collections::HashMap;
use std::sync::Arc;

use converse_core::settings::keys::OUTBOX;
use converse_core::store::{AccountStore, Change, Store, StoreError};
use converse_core::{Error, ErrorKind};
use jid::BareJid;
use tokio::sync::oneshot;

use super::{Inside, Outbox};
use crate::keeper::Keeper;
use crate::model::MessageError;
use crate::outbox::entry::{About, Entry, State};
use crate::outbox::error::OutboxError;
use crate::outbox::keeping;
use crate::outbox::lane::{Lane, LaneKind};
use crate::outbox::line::Restored;
use crate::outbox::queue::Queue;

impl Outbox {
    /// Who sends.
    pub(super) fn account(&self) -> Option<BareJid> {
        self.shared.api.session().account()
    }

    /// Where things are kept for the account; what an earlier process left is read first.
    pub(in crate::outbox) async fn load(&self) -> Result<AccountStore, Error> {
        let account = self.account().ok_or(OutboxError::NoAccount)?;
        let mut kept_in = self.shared.kept_in.lock().await;
        if let Some(store) = kept_in.as_ref().filter(|store| *store.account() == account) {
            return Ok(store.clone());
        }
        if let Some(before) = kept_in.take() {
            self.leave(&before).await;
        }
        let store = AccountStore::new(self.backend(), account);
        let mut loaded = keeping::load(&store).await?;
        {
            let mut inside = self.inside();
            for entry in &mut loaded.entries {
                if entry.lane.kind() == LaneKind::Private && !entry.is_failed() {
                    entry.state = State::Doubted;
                }
            }
            inside.queue.count_from(loaded.next);
            inside.restored.clear();
            for entry in &loaded.entries {
                inside.queue.insert(entry.clone());
            }
        }
        *kept_in = Some(store.clone());
        Ok(store)
    }

    fn backend(&self) -> Arc<dyn Store> {
        if self.is_in_memory() {
            Arc::clone(&self.shared.memory) as Arc<dyn Store>
        } else {
            Arc::clone(self.api().message_store())
        }
    }

    /// Whether what waits goes with the process.
    pub(crate) fn is_in_memory(&self) -> bool {
        let setting = self.api().settings().read(&OUTBOX);
        setting.is_ok_and(|setting| setting == "memory")
    }

    /// Another account takes over: what this one did not get rid of waits in its store.
    async fn leave(&self, store: &AccountStore) {
        let (changes, tickets) = {
            let mut inside = self.inside();
            let next = inside.queue.next_number();
            inside.queue = Queue::default();
            inside.queue.count_from(next);
            inside.written.clear();
            let tickets = std::mem::take(&mut inside.tickets);
            (std::mem::take(&mut inside.changes), tickets)
        };
        let changes = changes.into_iter().map(|(_, change)| change);
        if let Err(error) = store.write(changes.collect()).await {
            tracing::warn!(%error, "what an account has sent could not be kept");
        }
        for waiter in tickets.into_values() {
            // The caller may have stopped waiting.
            let _ = waiter.tell.send(Err(OutboxError::NoAccount.into()));
        }
    }

    /// Has all conversations of a kind show what an earlier process left of them, once, and send it: to be called when they are
    /// there as they were.
    pub async fn restore(&self, kind: LaneKind) {
        if let Err(error) = self.load().await {
            tracing::warn!(%error, "what was sent before cannot be read; it waits");
            return;
        }
        let lanes = {
            let mut inside = self.inside();
            if inside.restored.contains(&kind) {
                return;
            }
            inside.restored.push(kind);
            inside.queue.lanes()
        };
        for lane in lanes.iter().filter(|lane| lane.kind() == kind) {
            self.restore_lane(lane).await;
        }
    }

    /// The same of one conversation, which was opened; it happens soon.
    pub fn reopen(&self, lane: &Lane) {
        let (own, lane) = (self.clone(), lane.clone());
        self.spawn(async move {
            // Without an account nothing waits.
            if own.load().await.is_ok() {
                own.restore_lane(&lane).await;
            }
        });
    }

    async fn restore_lane(&self, lane: &Lane) {
        let entries = self.inside().queue.entries_of(lane);
        let Some(line) = self.line(lane).filter(|_| !entries.is_empty()) else {
            return;
        };
        if let (Some(keeper), Some(source)) = (line.keeper(), line.source()) {
            let messages = entries.iter().filter(|entry| entry.about == About::Message);
            let ids: Vec<_> = messages.map(|entry| entry.id.clone()).collect();
            if let Err(error) = keeper.reach_sent(&*source, &ids).await {
                tracing::warn!(%lane, %error, "what was sent before cannot be shown");
            }
        }
        for entry in entries.iter().filter(|entry| !entry.is_out()) {
            match restored(entry) {
                Some(restored) => line.restore(restored),
                None => tracing::warn!(%lane, "a stanza in the outbox cannot be read"),
            }
        }
        self.wake(lane);
    }

    /// Has the store told what it is to be told.
    pub(in crate::outbox) fn save(&self) {
        let is_saving = std::mem::replace(&mut self.inside().is_saving, true);
        if !is_saving {
            let own = self.clone();
            self.spawn(async move { own.save_all().await });
        }
    }

    /// The same, and waits until that was done.
    pub(in crate::outbox) async fn saved(&self) -> Result<(), Error> {
        let (tell, told) = oneshot::channel();
        self.inside().savers.push(tell);
        self.save();
        told.await.unwrap_or_else(|_| {
            let text = "the instance has been torn down";
            Err(Error::new(ErrorKind::Closed, text))
        })
    }

    /// Returns when the store has been told all that it is to be told.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] when it could not be.
    pub async fn flush(&self) -> Result<(), Error> {
        let is_idle = {
            let inside = self.inside();
            !inside.is_saving && inside.changes.is_empty() && inside.written.is_empty()
        };
        if is_idle { Ok(()) } else { self.saved().await }
    }

    /// Changes something of a lane in the store, behind what is to be changed there already.
    pub(in crate::outbox) async fn write(
        &self,
        lane: &Lane,
        changes: Vec<Change>,
    ) -> Result<(), Error> {
        let changes = changes.into_iter().map(|change| (lane.clone(), change));
        self.inside().changes.extend(changes);
        self.saved().await
    }

    async fn save_all(&self) {
        loop {
            let kept_in = self.shared.kept_in.lock().await;
            let (batches, savers, is_idle) = {
                let mut inside = self.inside();
                let is_idle = inside.changes.is_empty() && inside.written.is_empty();
                if is_idle && inside.savers.is_empty() {
                    inside.is_saving = false;
                    return;
                }
                let savers = std::mem::take(&mut inside.savers);
                (std::mem::take(&mut inside.changes), savers, is_idle)
            };
            let mut failed = None;
            if kept_in.is_none() && !is_idle {
                let error = Error::from(OutboxError::NoAccount);
                let numbers = std::mem::take(&mut self.inside().written);
                self.note_unwritten(&numbers, &error);
                failed = Some(error);
            }
            if let Some(store) = kept_in.as_ref() {
                let lanes = self.lanes_being_written();
                for batch in self.batches(store, batches, lanes) {
                    let numbers = self.take_written(&batch.lanes);
                    match batch.write(store).await {
                        Ok(()) => self.note_written(&numbers),
                        Err(error) => {
                            let error = Error::from(error);
                            self.note_unwritten(&numbers, &error);
                            failed = Some(error);
                        }
                    }
                }
            }
            drop(kept_in);
            for tell in savers {
                // The caller may have stopped waiting.
                let _ = tell.send(failed.as_ref().map_or(Ok(()), |error| Err(again(error))));
            }
            self.wind();
        }
    }

    /// What can be written at once: with the messages of the same conversations, where somebody keeps those.
    fn batches(
        &self,
        store: &AccountStore,
        changes: Vec<(Lane, Change)>,
        written: Vec<Lane>,
    ) -> Vec<Batch> {
        let mut batches: Vec<Batch> = Vec::new();
        let mut by_lane: HashMap<Lane, usize> = HashMap::new();
        let changes = changes
            .into_iter()
            .map(|(lane, change)| (lane, Some(change)));
        let written = written.into_iter().map(|lane| (lane, None));
        for (lane, change) in changes.chain(written) {
            let at = match by_lane.get(&lane) {
                Some(at) => *at,
                None => {
                    let keeper = self.keeper_of(&lane, store);
                    let known = batches.iter().position(|batch| batch.keeper == keeper);
                    let at = known.unwrap_or(batches.len());
                    if known.is_none() {
                        batches.push(Batch {
                            keeper,
                            lanes: Vec::new(),
                            changes: Vec::new(),
                        });
                    }
                    batches[at].lanes.push(lane.clone());
                    by_lane.insert(lane, at);
                    at
                }
            };
            batches[at].changes.extend(change);
        }
        batches
    }

    fn keeper_of(&self, lane: &Lane, store: &AccountStore) -> Option<Keeper> {
        let keeper = self.line(lane)?.keeper()?;
        self.is_kept_by(&keeper, store.account()).then_some(keeper)
    }

    /// Whether somebody writes where this is kept too.
    pub(super) fn is_kept_by(&self, keeper: &Keeper, account: &BareJid) -> bool {
        keeper.store().account() == account && !self.is_in_memory()
    }

    /// The lanes of what is being written.
    fn lanes_being_written(&self) -> Vec<Lane> {
        let mut inside = self.inside();
        let Inside { queue, written, .. } = &mut *inside;
        // What was withdrawn meanwhile waits for nothing.
        written.retain(|number| queue.entry(*number).is_some());
        let entries = written.iter().filter_map(|number| queue.entry(*number));
        entries.map(|entry| entry.lane.clone()).collect()
    }

    fn take_written(&self, lanes: &[Lane]) -> Vec<u64> {
        let mut inside = self.inside();
        let Inside { queue, written, .. } = &mut *inside;
        let mut taken = Vec::new();
        written.retain(|number| {
            let entry = queue.entry(*number);
            let is_taken = entry.is_none_or(|entry| lanes.contains(&entry.lane));
            if is_taken {
                taken.push(*number);
            }
            !is_taken
        });
        taken
    }

    fn note_written(&self, written: &[u64]) {
        let mut lanes = Vec::new();
        {
            let mut inside = self.inside();
            for number in written {
                let lane = inside.queue.written(*number);
                lanes.extend(lane.filter(|lane| !lanes.contains(lane)));
            }
        }
        for lane in lanes {
            self.wake(&lane);
        }
    }

    /// What cannot be kept is not sent.
    fn note_unwritten(&self, written: &[u64], error: &Error) {
        tracing::warn!(%error, "what is sent cannot be kept");
        for number in written {
            let (entry, ticket) = {
                let mut inside = self.inside();
                let ticket = inside.tickets.remove(number);
                (inside.queue.remove(*number), ticket)
            };
            if let Some(entry) = &entry {
                // Whoever keeps it may try again.
                self.inside().keep(&entry.lane, keeping::delete(entry));
            }
            let line = entry.as_ref().and_then(|entry| self.line(&entry.lane));
            if let (Some(entry), Some(line)) = (entry, line) {
                line.fail(entry.id.as_str(), &MessageError::from(error));
            }
            if let Some(waiter) = ticket {
                // The caller may have stopped waiting.
                let _ = waiter.tell.send(Err(again(error)));
            }
        }
    }
}

/// What is written at once.
struct Batch {
    /// Who keeps the messages of these conversations.
    keeper: Option<Keeper>,
    lanes: Vec<Lane>,
    changes: Vec<Change>,
}

impl Batch {
    async fn write(self, store: &AccountStore) -> Result<(), StoreError> {
        match self.keeper {
            Some(keeper) => keeper.write_with(self.changes).await,
            None => store.write(self.changes).await,
        }
    }
}

/// The same error for one more who waits.
fn again(error: &Error) -> Error {
    Error::new(error.kind(), error.to_string())
}

fn restored(entry: &Entry) -> Option<Restored> {
    Some(Restored {
        stanza: converse_core::xml::Element::parse(&entry.stanza).ok()?,
        id: entry.id.clone(),
        about: entry.about.clone(),
        created: entry.created,
        failed: match &entry.state {
            State::Failed(error) => Some(error.clone()),
            _ => None,
        },
    })
}
