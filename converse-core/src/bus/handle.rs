//! The handle that everyone holds.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix::{Actor as _, Addr, AsyncContext as _};
use tokio::sync::oneshot;

use super::actor::{EventBus, Run, Stop};
use super::dispatcher::Dispatcher;
use super::emission::Emission;
use super::error::{AnswererTaken, EmitError};
use super::event::{Event, IntoArgs, NamedEvent};
use super::inbox_handle::InboxHandle;
use super::local::Local;
use super::pressure::Pressure;
use crate::promise::{Promises, Waiting};

/// The limits of one bus.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BusConfig {
    /// How many items a subscriber may leave waiting before the gate of [`Pressure`] closes; at least 1. Default 1,024.
    pub inbox_capacity: usize,
    /// How long [`Bus::call`] waits for an answer. Default 30 s.
    pub call_timeout: Duration,
    /// How long [`Bus::transform`] waits for all hooks of a value. Default 30 s.
    pub hook_timeout: Duration,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            inbox_capacity: 1024,
            call_timeout: Duration::from_secs(30),
            hook_timeout: Duration::from_secs(30),
        }
    }
}

/// What all handles of one bus share.
pub(crate) struct Shared {
    pub(crate) config: BusConfig,
    pub(crate) promises: Promises,
    pub(crate) pressure: Pressure,
    next: AtomicU64,
    answered: Mutex<HashMap<TypeId, (u64, Arc<str>)>>,
}

impl Shared {
    /// Tells this bus from others, for as long as it lives.
    pub(crate) fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self) as usize
    }

    pub(crate) fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes `owner` the one who answers requests of type `of`.
    pub(crate) fn claim(
        &self,
        of: TypeId,
        request: &'static str,
        id: u64,
        owner: &Arc<str>,
    ) -> Result<(), AnswererTaken> {
        let mut answered = self.answered();
        if let Some((_, by)) = answered.get(&of) {
            return Err(AnswererTaken {
                request,
                by: Arc::clone(by),
                refused: Arc::clone(owner),
            });
        }
        answered.insert(of, (id, Arc::clone(owner)));
        Ok(())
    }

    pub(crate) fn release(&self, of: TypeId, id: u64) {
        let mut answered = self.answered();
        if answered.get(&of).is_some_and(|(claimed, _)| *claimed == id) {
            answered.remove(&of);
        }
    }

    pub(crate) fn release_all(&self) {
        self.answered().clear();
    }

    fn answered(&self) -> MutexGuard<'_, HashMap<TypeId, (u64, Arc<str>)>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A handle of the event bus of one instance: clone it, send it to other threads, keep it as long as needed.
///
/// Everything goes through the mailbox of one actor, so what is published first is heard first, whoever publishes it.
/// A handler may subscribe, unsubscribe, publish and call as it likes: that takes effect after the emission under way.
///
/// ```
/// use converse_core::bus::{Bus, BusConfig, Event};
///
/// #[derive(Debug, serde::Serialize, Event)]
/// #[event(name = "contactOnline")]
/// struct ContactOnline {
///     jid: String,
/// }
///
/// # #[actix::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::start(BusConfig::default());
/// bus.subscribe::<ContactOnline, _, _>("greeter", |event| async move {
///     assert_eq!(event.jid, "juliet@capulet.example");
///     Ok(())
/// });
/// bus.publish_wait(ContactOnline { jid: "juliet@capulet.example".into() }).await?;
///
/// bus.promises().add("foo-completed");
/// bus.emit("foo-completed", ("any", 1)).await?;
/// bus.wait_until("foo-completed").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Bus {
    addr: Addr<EventBus>,
    pub(crate) shared: Arc<Shared>,
}

impl Bus {
    /// Starts a bus on the arbiter that calls, which must be an actix one (`#[actix::main]`, `#[actix::test]`,
    /// `actix::System::block_on`). It runs until [`Bus::stop`], or until the last handle is gone; a handler that owns a
    /// handle keeps it running.
    ///
    /// # Panics
    /// Outside of an actix arbiter.
    #[must_use]
    pub fn start(config: BusConfig) -> Self {
        let shared = Arc::new(Shared {
            config: BusConfig {
                inbox_capacity: config.inbox_capacity.max(1),
                ..config
            },
            promises: Promises::new(),
            pressure: Pressure::new(),
            next: AtomicU64::new(0),
            answered: Mutex::default(),
        });
        let addr = EventBus::create(|cx| {
            let local = Rc::new(Local::new(
                cx.address().downgrade(),
                shared.config.inbox_capacity,
                shared.pressure.clone(),
                shared.promises.clone(),
            ));
            EventBus::new(Dispatcher::new(local, Arc::clone(&shared)))
        });
        Self { addr, shared }
    }

    /// Publishes an event without waiting for anything. Whoever publishes many in a loop uses [`Bus::publish_wait`].
    pub fn publish<E: Event>(&self, event: E) {
        self.publish_shared(Arc::new(event));
    }

    /// As [`Bus::publish`], for an event that the caller keeps.
    pub fn publish_shared<E: Event>(&self, event: Arc<E>) {
        let begun = self.shared.promises.now();
        self.run(move |dispatcher| dispatcher.publish_from(&event, begun));
    }

    /// Publishes an event; the future ends when its handlers were called.
    ///
    /// A handler that waits for something has been called; one that is still busy with an earlier event has it in its
    /// inbox. While an inbox is full the emission waits for room, except from inside a handler. (A task that a handler
    /// spawns is outside of it: a handler that waits for such a task waits for room too.) The event is published even
    /// if the future is dropped.
    pub fn publish_wait<E: Event>(&self, event: E) -> Emission {
        let begun = self.shared.promises.now();
        let event = Arc::new(event);
        Emission::new(self, move |dispatcher| {
            dispatcher.publish_from(&event, begun);
        })
    }

    /// Emits an event by its name, and keeps the promise of that name if there is one. Handlers go first.
    ///
    /// Typed subscribers do not hear it, even if a type has that name. Otherwise as [`Bus::publish_wait`].
    pub fn emit(&self, name: impl Into<Arc<str>>, args: impl IntoArgs) -> Emission {
        let name = name.into();
        let begun = self.shared.promises.now();
        match args.into_args() {
            Ok(args) => {
                let event = Arc::new(NamedEvent::new(name, args));
                Emission::new(self, move |dispatcher| dispatcher.emit_from(&event, begun))
            }
            Err(source) => Emission::failed(EmitError::Arguments {
                name: name.as_ref().to_owned(),
                source,
            }),
        }
    }

    /// The named promises of this instance.
    #[must_use]
    pub fn promises(&self) -> &Promises {
        &self.shared.promises
    }

    /// Waits for the promise `name`; see [`Promises::wait_until`].
    pub fn wait_until(&self, name: &str) -> Waiting {
        self.shared.promises.wait_until(name)
    }

    /// The gate that is closed while a subscriber cannot keep up.
    #[must_use]
    pub fn pressure(&self) -> &Pressure {
        &self.shared.pressure
    }

    /// The limits this bus was started with.
    #[must_use]
    pub fn config(&self) -> &BusConfig {
        &self.shared.config
    }

    /// Runs `work` on the bus's turn, after everything that was published before; awaiting the result is optional.
    ///
    /// This is how a router puts a batch of stanzas into inboxes. It never waits for room: whoever brings in work from
    /// outside asks [`Bus::pressure`] first.
    pub fn dispatch(&self, work: impl FnOnce(&mut Dispatcher) + Send + 'static) -> Emission {
        Emission::now(self, work)
    }

    /// An inbox of its own for `owner`, to be filled by [`Bus::dispatch`].
    #[must_use]
    pub fn inbox(&self, owner: impl Into<Arc<str>>) -> InboxHandle {
        InboxHandle::new(self, owner.into())
    }

    /// Withdraws whatever `owner` registered and stops its actors; what waits in its inboxes is forgotten.
    pub fn withdraw(&self, owner: &str) -> Emission {
        let owner = owner.to_owned();
        Emission::now(self, move |dispatcher| dispatcher.withdraw(&owner))
    }

    /// Returns when every subscriber has handled everything that was published before, and what came of it.
    ///
    /// For tests and an orderly end: while others keep publishing, it does not return.
    pub async fn settle(&self) {
        let mut seen = 0;
        loop {
            let (tell, told) = oneshot::channel();
            self.run(move |dispatcher| {
                let _ = tell.send((dispatcher.runs, dispatcher.local.quiet()));
            });
            match told.await {
                Ok((_, Some(quiet))) => drop(quiet.await),
                // Nothing but this question was asked since the last time it was.
                Ok((runs, None)) if runs == seen + 1 => return,
                Ok((runs, None)) => seen = runs,
                Err(_) => return,
            }
        }
    }

    /// Stops the bus: handlers are not called any more, what waits is forgotten, pending promises are cancelled.
    pub fn stop(&self) {
        self.addr.do_send(Stop);
    }

    /// Whether the bus has stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        !self.addr.connected()
    }

    pub(crate) fn run(&self, work: impl FnOnce(&mut Dispatcher) + Send + 'static) {
        self.addr.do_send(Run(work));
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus")
            .field("stopped", &self.is_stopped())
            .field("pressure", &self.shared.pressure)
            .finish_non_exhaustive()
    }
}
