//! Subscribing with closures.

use std::fmt;
use std::sync::Arc;

use super::dispatcher::Request;
use super::event::{Event, Handled, NamedEvent};
use super::handle::Bus;
use super::inbox::Outcome;
use super::inbox_handle::InboxHandle;

/// The owner of what an application registers itself.
const APPLICATION: &str = "application";

/// A registration; give it to [`Listen::not`] or [`Bus::unsubscribe`] to end it.
///
/// Dropping it does **not** unsubscribe: a silent end because a return value was ignored would be a trap. Who wants
/// that asks for a guard with [`SubscriptionId::scoped`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(pub(crate) u64);

impl SubscriptionId {
    /// A guard that unsubscribes when it is dropped.
    #[must_use = "dropping the guard unsubscribes"]
    pub fn scoped(self, bus: &Bus) -> Subscription {
        Subscription {
            id: self,
            bus: bus.clone(),
        }
    }
}

/// A registration that ends when this is dropped.
#[must_use = "dropping the guard unsubscribes"]
pub struct Subscription {
    id: SubscriptionId,
    bus: Bus,
}

impl Subscription {
    /// The registration.
    #[must_use]
    pub fn id(&self) -> SubscriptionId {
        self.id
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.bus.unsubscribe(self.id);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&self.id).finish()
    }
}

/// Subscribes on behalf of one owner; from [`Bus::listen`] or [`Bus::listen_as`].
///
/// Handlers are called in the order of registration, on a snapshot: one that is registered during an emission is first
/// called for the next. They are closures, so what converse.js passes as `context` is what the closure captures.
/// A handler that returns an error or panics is logged and announced as [`HandlerFailed`](super::HandlerFailed).
///
/// Each registration is a subscriber of its own and handles one event at a time; [`Listen::together`] makes those of
/// one owner share an inbox, so that they never run at the same time.
///
/// ```
/// # use converse_core::bus::{Bus, BusConfig};
/// # #[actix::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::start(BusConfig::default());
/// let id = bus.listen().on("messageAdded", |event| async move {
///     println!("{} {}", event.name, event.arg(0)["body"]);
///     Ok(())
/// });
/// bus.emit("messageAdded", serde_json::json!({ "body": "But, soft!" })).await?;
/// bus.listen().not("messageAdded", id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Listen {
    bus: Bus,
    owner: Arc<str>,
    inbox: Option<InboxHandle>,
}

impl Listen {
    /// Makes all that is registered from here on share one inbox, in the order of publication.
    #[must_use]
    pub fn together(mut self) -> Self {
        self.inbox = Some(self.bus.inbox(Arc::clone(&self.owner)));
        self
    }

    /// Calls `handler` whenever `name` is emitted, or a typed event of that name is published. Names are exact.
    pub fn on<F, Fut>(&self, name: impl Into<Arc<str>>, handler: F) -> SubscriptionId
    where
        F: FnMut(Arc<NamedEvent>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.add_named(name.into(), false, asynchronous(handler))
    }

    /// As [`Listen::on`], for a handler that is done when it returns.
    pub fn on_sync<F>(&self, name: impl Into<Arc<str>>, handler: F) -> SubscriptionId
    where
        F: FnMut(&NamedEvent) -> Handled + Send + 'static,
    {
        self.add_named(name.into(), false, synchronous(handler))
    }

    /// As [`Listen::on`], for the next emission only, also if several threads emit at the same time.
    pub fn once<F, Fut>(&self, name: impl Into<Arc<str>>, handler: F) -> SubscriptionId
    where
        F: FnOnce(Arc<NamedEvent>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.add_named(name.into(), true, asynchronous_once(handler))
    }

    /// Ends a registration under `name`. An id that is unknown, or was registered under another name, is no error.
    ///
    /// Two registrations of the same closure are two ids; each is ended on its own. During an emission under way the
    /// handler may still be called, but for none that is published later.
    pub fn not(&self, name: impl Into<Arc<str>>, id: SubscriptionId) {
        let name = name.into();
        self.bus
            .run(move |dispatcher| dispatcher.remove(id.0, Some(&name)));
    }

    /// Calls `handler` for each event of type `E`.
    pub fn subscribe<E, F, Fut>(&self, handler: F) -> SubscriptionId
    where
        E: Event,
        F: FnMut(Arc<E>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.add_typed::<E>(false, asynchronous(handler))
    }

    /// As [`Listen::subscribe`], for a handler that is done when it returns; the cheapest way to hear an event.
    pub fn subscribe_sync<E, F>(&self, handler: F) -> SubscriptionId
    where
        E: Event,
        F: FnMut(&E) -> Handled + Send + 'static,
    {
        self.add_typed::<E>(false, synchronous(handler))
    }

    /// As [`Listen::subscribe`], for the next event only.
    pub fn subscribe_once<E, F, Fut>(&self, handler: F) -> SubscriptionId
    where
        E: Event,
        F: FnOnce(Arc<E>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.add_typed::<E>(true, asynchronous_once(handler))
    }

    fn add_typed<E: Event>(&self, once: bool, handler: SendHandler<E>) -> SubscriptionId {
        let request = self.request(once);
        let id = SubscriptionId(request.id);
        self.bus
            .run(move |dispatcher| dispatcher.add_typed(request, handler));
        id
    }

    fn add_named(
        &self,
        name: Arc<str>,
        once: bool,
        handler: SendHandler<NamedEvent>,
    ) -> SubscriptionId {
        let request = self.request(once);
        let id = SubscriptionId(request.id);
        self.bus
            .run(move |dispatcher| dispatcher.add_named(&name, request, handler));
        id
    }

    fn request(&self, once: bool) -> Request {
        Request {
            id: self.bus.shared.next(),
            owner: Arc::clone(&self.owner),
            inbox: self.inbox.as_ref().map(InboxHandle::number),
            once,
        }
    }
}

/// A handler on its way to the bus.
type SendHandler<E> = Box<dyn FnMut(&Arc<E>) -> Outcome + Send>;

fn asynchronous<E, F, Fut>(mut handler: F) -> SendHandler<E>
where
    F: FnMut(Arc<E>) -> Fut + Send + 'static,
    Fut: Future<Output = Handled> + 'static,
{
    Box::new(move |event| Outcome::running(handler(Arc::clone(event))))
}

fn synchronous<E, F>(mut handler: F) -> SendHandler<E>
where
    F: FnMut(&E) -> Handled + Send + 'static,
{
    Box::new(move |event| Outcome::Done(handler(event)))
}

fn asynchronous_once<E, F, Fut>(handler: F) -> SendHandler<E>
where
    F: FnOnce(Arc<E>) -> Fut + Send + 'static,
    Fut: Future<Output = Handled> + 'static,
{
    let mut handler = Some(handler);
    Box::new(move |event| match handler.take() {
        Some(handler) => Outcome::running(handler(Arc::clone(event))),
        None => Outcome::Done(Ok(())),
    })
}

impl Bus {
    /// Subscribes on behalf of the application.
    #[must_use]
    pub fn listen(&self) -> Listen {
        self.listen_as(APPLICATION)
    }

    /// Subscribes on behalf of a plugin, which is named when a handler fails or cannot keep up.
    #[must_use]
    pub fn listen_as(&self, owner: impl Into<Arc<str>>) -> Listen {
        Listen {
            bus: self.clone(),
            owner: owner.into(),
            inbox: None,
        }
    }

    /// [`Listen::subscribe`] on behalf of `owner`.
    pub fn subscribe<E, F, Fut>(&self, owner: impl Into<Arc<str>>, handler: F) -> SubscriptionId
    where
        E: Event,
        F: FnMut(Arc<E>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.listen_as(owner).subscribe(handler)
    }

    /// [`Listen::subscribe_sync`] on behalf of `owner`.
    pub fn subscribe_sync<E, F>(&self, owner: impl Into<Arc<str>>, handler: F) -> SubscriptionId
    where
        E: Event,
        F: FnMut(&E) -> Handled + Send + 'static,
    {
        self.listen_as(owner).subscribe_sync(handler)
    }

    /// [`Listen::subscribe_once`] on behalf of `owner`.
    pub fn subscribe_once<E, F, Fut>(
        &self,
        owner: impl Into<Arc<str>>,
        handler: F,
    ) -> SubscriptionId
    where
        E: Event,
        F: FnOnce(Arc<E>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.listen_as(owner).subscribe_once(handler)
    }

    /// [`Listen::on`] on behalf of the application.
    pub fn on<F, Fut>(&self, name: impl Into<Arc<str>>, handler: F) -> SubscriptionId
    where
        F: FnMut(Arc<NamedEvent>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.listen().on(name, handler)
    }

    /// [`Listen::once`] on behalf of the application.
    pub fn once<F, Fut>(&self, name: impl Into<Arc<str>>, handler: F) -> SubscriptionId
    where
        F: FnOnce(Arc<NamedEvent>) -> Fut + Send + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        self.listen().once(name, handler)
    }

    /// [`Listen::not`].
    pub fn not(&self, name: impl Into<Arc<str>>, id: SubscriptionId) {
        self.listen().not(name, id);
    }

    /// Ends any registration: of an event, a request or a hook. An unknown id is no error.
    pub fn unsubscribe(&self, id: SubscriptionId) {
        self.run(move |dispatcher| dispatcher.remove(id.0, None));
    }
}
