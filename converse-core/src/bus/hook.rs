//! Hooks: a value on its way passes through each of them.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::sync::oneshot;

use super::current::{self, InboxId};
use super::dispatcher::{self, Dispatcher, Table};
use super::error::{HookError, Stop};
use super::failure::Label;
use super::handle::Bus;
use super::inbox::{Inbox, Outcome};
use super::listen::SubscriptionId;
use super::topic::AnyTopic;
use crate::BoxError;

/// A value that each subscriber may change, stop or refuse on its way, such as an outgoing message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not pass through hooks",
    note = "name it: `impl Hook for {Self} {{ const NAME: &'static str = \"…\"; }}`"
)]
pub trait Hook: Send + 'static {
    /// What it is called in errors and logs.
    const NAME: &'static str;
}

/// Where a hook puts the value when it is done.
pub(crate) type Passed<V> = oneshot::Sender<Result<V, BoxError>>;

/// Changes the value, and passes it on.
pub(crate) type Transform<V> = Box<dyn FnMut(V, Passed<V>) -> Outcome>;

struct Entry<V> {
    id: u64,
    priority: i32,
    alive: Cell<bool>,
    inbox: Rc<Inbox>,
    transform: RefCell<Transform<V>>,
}

struct Chain<V> {
    entries: Vec<Rc<Entry<V>>>,
}

impl<V: Hook> AnyTopic for Chain<V> {
    fn remove(&mut self, id: u64) {
        self.entries.retain(|entry| {
            if entry.id == id {
                entry.alive.set(false);
            }
            entry.id != id
        });
    }

    fn inboxes(&self) -> Vec<Rc<Inbox>> {
        self.entries
            .iter()
            .map(|entry| Rc::clone(&entry.inbox))
            .collect()
    }
}

impl<V: Hook> Entry<V> {
    /// Passes the value through this hook.
    async fn pass(self: Rc<Self>, value: V, caller: Option<InboxId>) -> Result<V, HookError> {
        let hook = V::NAME;
        let by = Arc::clone(&self.inbox.owner);
        if caller == Some(self.inbox.id) {
            return Err(HookError::Own { hook, by });
        }
        let (pass, passed) = oneshot::channel();
        let entry = Rc::clone(&self);
        self.inbox
            .offer(&Label::Static(hook), move || entry.start(value, pass));
        match passed.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(match error.downcast::<Stop>() {
                Ok(stop) => HookError::Stopped {
                    hook,
                    by,
                    reason: stop.into_reason(),
                },
                Err(source) => HookError::Refused { hook, by, source },
            }),
            Err(_) => Err(HookError::Failed { hook, by }),
        }
    }

    fn start(&self, value: V, pass: Passed<V>) -> Outcome {
        // A hook that was withdrawn while the value waited for it fails: nothing passes unseen.
        if pass.is_closed() || !self.alive.get() {
            return Outcome::Done(Ok(()));
        }
        match self.transform.try_borrow_mut() {
            Ok(mut transform) => transform(value, pass),
            Err(_) => Outcome::Done(Err("the hook was called while it was being called".into())),
        }
    }
}

/// Passes a value through the hooks one by one; ends early when nobody waits for it any more.
async fn run<V: Hook>(
    chain: Vec<Rc<Entry<V>>>,
    mut value: V,
    caller: Option<InboxId>,
    done: oneshot::Sender<Result<V, HookError>>,
) {
    for entry in chain {
        if done.is_closed() {
            return;
        }
        match entry.pass(value, caller).await {
            Ok(passed) => value = passed,
            Err(error) => {
                let _ = done.send(Err(error));
                return;
            }
        }
    }
    let _ = done.send(Ok(value));
}

impl Dispatcher {
    pub(crate) fn add_hook<V: Hook>(
        &mut self,
        request: &dispatcher::Request,
        priority: i32,
        transform: Transform<V>,
    ) {
        let of = TypeId::of::<V>();
        let registration = self.registration(request, Table::Hook(of));
        let chain = self.hooks.entry(of).or_insert_with(|| {
            Box::new(Chain::<V> {
                entries: Vec::new(),
            })
        });
        let chain: &mut dyn Any = chain.as_mut();
        if let Some(chain) = chain.downcast_mut::<Chain<V>>() {
            let entry = Entry {
                id: registration.id,
                priority,
                alive: Cell::new(true),
                inbox: registration.inbox,
                transform: RefCell::new(transform),
            };
            let at = chain
                .entries
                .partition_point(|other| other.priority <= priority);
            chain.entries.insert(at, Rc::new(entry));
        }
    }

    /// Passes a value through the hooks that are registered now.
    fn transform<V: Hook>(
        &mut self,
        value: V,
        caller: Option<InboxId>,
        done: oneshot::Sender<Result<V, HookError>>,
    ) {
        let chain = self.hooks.get(&TypeId::of::<V>()).and_then(|chain| {
            let chain: &dyn Any = chain.as_ref();
            chain.downcast_ref::<Chain<V>>()
        });
        let Some(chain) = chain.filter(|chain| !chain.entries.is_empty()) else {
            let _ = done.send(Ok(value));
            return;
        };
        let mut run = Box::pin(run(chain.entries.clone(), value, caller, done));
        let run_in_place: Pin<&mut dyn Future<Output = ()>> = run.as_mut();
        if run_in_place
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
        {
            actix::spawn(run);
        }
    }
}

impl Bus {
    /// Passes `value` through its hooks: by priority, lower first, and by order of registration among equals.
    ///
    /// It fails closed: whatever goes wrong in a hook is an error here, and the value as it was is gone.
    ///
    /// # Errors
    /// See [`HookError`]; all hooks together have [`BusConfig::hook_timeout`](super::BusConfig).
    ///
    /// ```
    /// use converse_core::bus::{Bus, BusConfig, Hook, HookError, Stop};
    ///
    /// struct OutgoingMessage { body: String }
    /// impl Hook for OutgoingMessage {
    ///     const NAME: &'static str = "outgoingMessage";
    /// }
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), HookError> {
    /// let bus = Bus::start(BusConfig::default());
    /// bus.hook("censor", 0, |message: OutgoingMessage| async move {
    ///     if message.body.contains("secret") {
    ///         return Err(Stop::new("that is a secret").into());
    ///     }
    ///     Ok(OutgoingMessage { body: message.body + "!" })
    /// });
    /// assert_eq!(bus.transform(OutgoingMessage { body: "Hello".into() }).await?.body, "Hello!");
    /// let stopped = bus.transform(OutgoingMessage { body: "my secret".into() }).await;
    /// assert!(matches!(stopped, Err(HookError::Stopped { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn transform<V: Hook>(&self, value: V) -> Result<V, HookError> {
        self.transform_within(value, self.shared.config.hook_timeout)
            .await
    }

    /// As [`Bus::transform`], with another deadline.
    ///
    /// # Errors
    /// See [`HookError`].
    pub async fn transform_within<V: Hook>(
        &self,
        value: V,
        limit: Duration,
    ) -> Result<V, HookError> {
        let (done, outcome) = oneshot::channel();
        let caller = current::inside();
        self.run(move |dispatcher| dispatcher.transform(value, caller, done));
        match tokio::time::timeout(limit, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(HookError::Closed),
            Err(_) => Err(HookError::Timeout {
                hook: V::NAME,
                after: limit,
            }),
        }
    }

    /// Makes a closure of `owner` a hook of values of type `V`. Lower priorities come first; 0 is the usual one.
    ///
    /// The closure returns the value, changed or not, or an error: [`Stop`] to stop the value on purpose, anything
    /// else to refuse it.
    pub fn hook<V, F, Fut>(
        &self,
        owner: impl Into<Arc<str>>,
        priority: i32,
        mut transform: F,
    ) -> SubscriptionId
    where
        V: Hook,
        F: FnMut(V) -> Fut + Send + 'static,
        Fut: Future<Output = Result<V, BoxError>> + 'static,
    {
        let request = dispatcher::Request {
            id: self.shared.next(),
            owner: owner.into(),
            inbox: None,
            once: false,
        };
        let id = SubscriptionId(request.id);
        self.run(move |dispatcher| {
            let transform: Transform<V> = Box::new(move |value, pass| {
                let transformed = transform(value);
                Outcome::running(async move {
                    let _ = pass.send(transformed.await);
                    Ok(())
                })
            });
            dispatcher.add_hook(&request, priority, transform);
        });
        id
    }
}
