//! Saves: when one is due, what it writes, and what follows from it.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::checkpoint::Checkpoint;
use super::record::{self, SECRET, Secret, is_after};
use super::standing::Standing;
use crate::bus::Bus;
use crate::error::BoxError;
use crate::router::StanzaKind;
use crate::session::sm::{StreamManagement, Unacked};
use crate::store::{AccountStore, Change};

/// How long a change waits for others.
const COALESCE: Duration = Duration::from_secs(1);
/// How long one save waits after another has begun, whoever waits for it.
const APART: Duration = Duration::from_millis(20);
/// How long everybody together may take to write down what they have.
const CHECKPOINT_WITHIN: Duration = Duration::from_secs(20);

pub(super) type Saving = Pin<Box<dyn Future<Output = Saved> + Send>>;

/// What came of a save.
pub(super) struct Saved {
    /// The count that it covers.
    received: u32,
    outcome: Result<(), BoxError>,
}

/// A session that is kept.
pub(super) struct Kept {
    store: AccountStore,
    secret: Secret,
    pub(super) standing: Standing,
    /// The numbers of the unconfirmed stanzas that the store has.
    stored: VecDeque<u32>,
    /// Up to which number the store has them.
    sent: u32,
    /// The secret in the store, if there is one, is another session's.
    is_new: bool,
    /// What lies beside it is not what it should be.
    is_astray: bool,
    /// How many stanzas the server may be told are handled.
    pub(super) covered: u32,
    pub(super) wants_acknowledgement: bool,
    unsaved_since: Option<Instant>,
    /// When the last save began.
    began: Option<Instant>,
    /// The last save failed, and that was said.
    is_failing: bool,
}

impl Kept {
    pub(super) fn begun(store: AccountStore, secret: Secret) -> Self {
        let now = Instant::now();
        Self {
            store,
            secret,
            standing: Standing::default(),
            stored: VecDeque::new(),
            sent: 0,
            is_new: true,
            is_astray: true,
            covered: 0,
            wants_acknowledgement: false,
            // The id alone is worth a save, and at once.
            unsaved_since: Some(now.checked_sub(COALESCE).unwrap_or(now)),
            began: None,
            is_failing: false,
        }
    }

    /// The session of an earlier process, as `sm` goes on with it: what was kept goes again, with other numbers.
    pub(super) fn resumed(
        store: AccountStore,
        secret: Secret,
        standing: Standing,
        sm: &StreamManagement,
    ) -> Self {
        Self {
            standing,
            is_new: false,
            covered: sm.received(),
            ..Self::begun(store, secret)
        }
    }

    pub(super) fn into_store(self) -> AccountStore {
        self.store
    }

    pub(super) fn touch(&mut self) {
        if self.unsaved_since.is_none() {
            self.unsaved_since = Some(Instant::now());
        }
    }

    /// Keeps a note with the session, or none any more.
    pub(super) fn note(&mut self, key: String, text: Option<String>) {
        let notes = &mut self.secret.notes;
        match text {
            Some(text) => notes.insert(key, text),
            None => notes.remove(&key),
        };
        self.touch();
    }

    /// What was noted.
    pub(super) fn notes(&self) -> BTreeMap<String, String> {
        self.secret.notes.clone()
    }

    pub(super) fn is_behind(&self) -> bool {
        self.unsaved_since.is_some()
    }

    /// When the next save is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let changed = match self.unsaved_since {
            Some(since) if self.wants_acknowledgement => Some(since),
            Some(since) => Some(since + COALESCE),
            None if self.wants_acknowledgement => Some(Instant::now()),
            None => None,
        };
        // A server that gives up sessions after a while is believed to have begun with that when the last save was made.
        let alive =
            self.secret.max.zip(self.began).map(|(max, began)| {
                began + Duration::from_secs(max / 8).max(Duration::from_secs(15))
            });
        let due = match (changed, alive) {
            (Some(changed), Some(alive)) => changed.min(alive),
            (changed, alive) => changed.or(alive)?,
        };
        Some(self.began.map_or(due, |began| due.max(began + APART)))
    }

    /// Takes what is to be written now, and gives the writing of it.
    pub(super) fn save(&mut self, sm: &StreamManagement, bus: Bus, now: DateTime<Utc>) -> Saving {
        self.began = Some(Instant::now());
        self.unsaved_since = None;
        let is_new = std::mem::replace(&mut self.is_new, false);
        let mut changes = Vec::new();
        if std::mem::replace(&mut self.is_astray, false) {
            changes = record::cleared();
            self.stored.clear();
            self.sent = sm.acknowledged();
            self.standing.all_changed();
        }
        self.note_unacked(sm, &mut changes);
        changes.extend(self.standing.changes());
        self.secret.received = sm.received();
        self.secret.acknowledged = sm.acknowledged();
        self.secret.alive_at = now.timestamp_millis();
        let (store, secret) = (self.store.clone(), self.secret.write());
        let received = self.secret.received;
        Box::pin(async move {
            let outcome = async {
                bus.transform_within(Checkpoint {}, CHECKPOINT_WITHIN)
                    .await?;
                if is_new {
                    store.put_secret(SECRET, None).await?;
                }
                if !changes.is_empty() {
                    store.write(changes).await?;
                }
                Ok::<_, BoxError>(store.put_secret(SECRET, secret).await?)
            };
            let outcome = outcome.await;
            Saved { received, outcome }
        })
    }

    /// What became of the stanzas that left.
    fn note_unacked(&mut self, sm: &StreamManagement, changes: &mut Vec<Change>) {
        let acknowledged = sm.acknowledged();
        while let Some(number) = self.stored.front().copied()
            && !is_after(number, acknowledged)
        {
            self.stored.pop_front();
            changes.push(record::delete(number));
        }
        let mut number = acknowledged;
        for entry in sm.unacked() {
            number = number.wrapping_add(1);
            if is_after(number, self.sent)
                && is_kept(entry)
                && let Some(put) = record::put(number, entry)
            {
                self.stored.push_back(number);
                changes.push(put);
            }
        }
        self.sent = number;
    }

    /// Whatever came of a save, the server may forget what it covers: if it failed, there is less to resume with, and the
    /// server will say so.
    pub(super) fn saved(&mut self, saved: &Saved) {
        self.covered = saved.received;
        match &saved.outcome {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                if !std::mem::replace(&mut self.is_failing, true) {
                    tracing::warn!(%error, "the state of the session is not saved; a restart may not resume it");
                }
                self.is_astray = true;
            }
        }
    }
}

/// Whether a stanza that a new process could still send is of use then: who asked something is gone, and presence in rooms, with
/// its passwords, is nothing without what else was known of the room.
fn is_kept(entry: &Unacked) -> bool {
    if entry.stanza.only_in().is_some() {
        // Whoever sent it keeps it, and sees to what becomes of it.
        return false;
    }
    match entry.stanza.kind() {
        StanzaKind::Message => true,
        StanzaKind::Presence => entry.stanza.to().is_none_or(|to| to.resource().is_none()),
        StanzaKind::Iq => false,
    }
}
