//! The outbox of an instance.

mod clearing;
mod posting;
mod saving;
mod serving;
mod settling;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::Error;
#[cfg(doc)]
use converse_core::ErrorKind;
use converse_core::api::Api;
use converse_core::plugin::PluginContext;
use converse_core::session::SessionNumber;
use converse_core::session::event::SessionStarted;
use converse_core::settings::keys::OUTBOX_TIMEOUT;
use converse_core::store::{AccountStore, Change, MemoryStore};
use converse_core::xml::Element;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::entry::{Entry, Queued};
#[cfg(doc)]
use super::error::OutboxError;
use super::keeping;
use super::lane::{Lane, LaneKind};
use super::line::Line;
use super::queue::Queue;

/// What an entry takes besides its stanza, about.
const OVERHEAD: usize = 512;

pub use posting::{Letter, Place, Ticket};

/// Finds a conversation of some kind.
type Desk = Arc<dyn Fn(&Lane) -> Option<Arc<dyn Line>> + Send + Sync>;

/// Told once when something is with the session, or waits for one, or cannot be kept.
type Tell = oneshot::Sender<Result<(), Error>>;

/// What is sent and has not arrived, of one instance. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    shared: Arc<Shared>,
}

struct Shared {
    api: Api,
    inside: Mutex<Inside>,
    /// Where it is kept for which account, once what is there was read.
    kept_in: tokio::sync::Mutex<Option<AccountStore>>,
    /// For the setting `outbox = "memory"`.
    memory: Arc<MemoryStore>,
}

#[derive(Default)]
struct Inside {
    queue: Queue,
    desks: Vec<(LaneKind, Desk)>,
    /// The session that began last.
    session: Option<SessionNumber>,
    /// Of which kinds it is shown what an earlier process left.
    restored: Vec<LaneKind>,
    /// What the store is still to be told, and who waits for that.
    changes: Vec<(Lane, Change)>,
    written: Vec<u64>,
    savers: Vec<Tell>,
    is_saving: bool,
    /// Who waits until something is with the session.
    tickets: BTreeMap<u64, Waiter>,
    /// What was admitted and is not there yet: entries and bytes.
    promised: (usize, usize),
    /// The lanes that a task works on, and whether it is to look again.
    pumps: HashMap<Lane, bool>,
    alarm: Option<(Instant, AbortHandle)>,
    /// How often everything was removed.
    cleared: u64,
}

/// Who waits for something that is being sent; dropping it lets go whoever waits behind it.
struct Waiter {
    lane: Lane,
    tell: Tell,
    behind: Vec<oneshot::Sender<()>>,
}

impl Outbox {
    /// The outbox of the instance that a plugin belongs to; the first plugin that asks sets it up.
    #[must_use]
    pub fn of(cx: &PluginContext) -> Self {
        let api = cx.api();
        if let Some(outbox) = api.provided::<Self>() {
            return Self::clone(&outbox);
        }
        let shared = Shared {
            inside: Mutex::default(),
            kept_in: tokio::sync::Mutex::default(),
            memory: Arc::new(MemoryStore::new()),
            api: api.clone(),
        };
        let outbox = Self {
            shared: Arc::new(shared),
        };
        api.provide(outbox.clone());
        let own = outbox.clone();
        cx.listen().subscribe_sync(move |event: &SessionStarted| {
            own.begin_session(event.session, event.resumed);
            Ok(())
        });
        outbox
    }

    /// Says how conversations of a kind are found.
    pub fn serve(
        &self,
        kind: LaneKind,
        find: impl Fn(&Lane) -> Option<Arc<dyn Line>> + Send + Sync + 'static,
    ) {
        self.inside().desks.push((kind, Arc::new(find)));
    }

    /// The session that began last, also if it has been lost since.
    #[must_use]
    pub fn session(&self) -> Option<SessionNumber> {
        self.inside().session
    }

    /// Makes room for a stanza.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NoAccount`] and [`OutboxError::Full`], and [`ErrorKind::Store`] when it cannot be read what waits already.
    pub async fn admit(&self, stanza: &Element) -> Result<Place, Error> {
        let store = self.load().await?;
        let bytes = OVERHEAD + stanza.source_len();
        let mut inside = self.inside();
        let promised = inside.promised;
        for dropped in inside.queue.check(bytes, promised)? {
            inside.keep(&dropped.lane, keeping::delete(&dropped));
        }
        inside.promised.0 += 1;
        inside.promised.1 += bytes;
        let cleared = inside.cleared;
        drop(inside);
        Ok(Place {
            outbox: self.clone(),
            store,
            bytes,
            cleared,
        })
    }

    /// What waits, in the order in which it was sent: in all conversations, also what an earlier process left.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NoAccount`], and [`ErrorKind::Store`] when the store cannot be read.
    pub async fn list(&self) -> Result<Vec<Queued>, Error> {
        self.load().await?;
        Ok(self.inside().queue.list(None))
    }

    pub(super) async fn list_of(&self, lane: &Lane) -> Result<Vec<Queued>, Error> {
        self.load().await?;
        Ok(self.inside().queue.list(Some(lane)))
    }

    /// Whether a message of that id is here.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.inside().queue.has(id)
    }

    /// When something that is sent now is to be given up.
    pub(super) fn deadline(&self, created: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let seconds = self.api().settings().read(&OUTBOX_TIMEOUT);
        let seconds = seconds.ok().filter(|seconds| *seconds > 0)?;
        let time = TimeDelta::try_seconds(i64::try_from(seconds).ok()?)?;
        created.checked_add_signed(time)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.api().environment().clock.now()
    }

    pub(super) fn api(&self) -> &Api {
        &self.shared.api
    }

    pub(super) fn with_queue<R>(&self, act: impl FnOnce(&mut Queue) -> R) -> R {
        act(&mut self.inside().queue)
    }

    pub(super) fn with_pumps<R>(&self, act: impl FnOnce(&mut HashMap<Lane, bool>) -> R) -> R {
        act(&mut self.inside().pumps)
    }

    /// The server has something.
    pub(super) fn accepted(&self, number: u64, attempt: u32) -> Option<Entry> {
        let mut inside = self.inside();
        let entry = inside.queue.accepted(number, attempt)?;
        if inside.queue.entry(number).is_none() {
            inside.forget(&entry);
            drop(inside);
            self.save();
        }
        Some(entry)
    }

    /// Whoever waits for something hears how it went.
    pub(super) fn tell(&self, number: u64, outcome: Result<(), Error>) {
        let waiter = self.inside().tickets.remove(&number);
        if let Some(waiter) = waiter {
            // The caller may have stopped waiting.
            let _ = waiter.tell.send(outcome);
        }
    }

    /// Nobody waits any more for what is kept and cannot leave now.
    pub(super) fn release(&self, lane: &Lane) {
        let mut inside = self.inside();
        let Inside { queue, tickets, .. } = &mut *inside;
        let waiting = tickets.iter().filter(|(_, waiter)| waiter.lane == *lane);
        let numbers: Vec<u64> = waiting.map(|(number, _)| *number).collect();
        for number in numbers {
            if queue.is_being_written(number) {
                continue;
            }
            if let Some(waiter) = tickets.remove(&number) {
                // The caller may have stopped waiting.
                let _ = waiter.tell.send(Ok(()));
            }
        }
    }

    /// Waits until what is being sent in a lane is with the session, or waits for one.
    pub async fn passed(&self, lane: &Lane) {
        let (tell, told) = oneshot::channel();
        {
            let mut inside = self.inside();
            let mut newest = inside.tickets.values_mut().rev();
            match newest.find(|waiter| waiter.lane == *lane) {
                Some(waiter) => waiter.behind.push(tell),
                None => return,
            }
        }
        // It is never told, but dropped with what it waits for.
        let _ = told.await;
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        let inside = self.shared.inside.lock();
        inside.unwrap_or_else(PoisonError::into_inner)
    }

    /// The conversation of a lane, if it is there.
    pub(super) fn line(&self, lane: &Lane) -> Option<Arc<dyn Line>> {
        let kind = lane.kind();
        let desk = {
            let inside = self.inside();
            let mut desks = inside.desks.iter();
            desks
                .find(|(own, _)| *own == kind)
                .map(|(_, desk)| Arc::clone(desk))
        };
        desk.and_then(|find| find(lane))
    }

    /// Runs something beside all else; whoever calls it may be on a thread without a runtime.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        // Nobody waits for the task, nor for its start.
        drop(self.api().bus().dispatch(|_| drop(tokio::spawn(task))));
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("entries", &self.inside().queue.len())
            .finish_non_exhaustive()
    }
}
