//! Starting an actor and saying what reaches it.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use actix::Actor as _;
use tokio::sync::{Mutex, oneshot};

use super::super::current::{self, InboxId};
use super::super::dispatcher::{self, Dispatcher};
use super::super::emission::Emission;
use super::super::error::{AnswererTaken, CallError};
use super::super::event::Event;
use super::super::failure::Label;
use super::super::handle::Bus;
use super::super::hook::{Hook, Transform};
use super::super::inbox::{Driver, Outcome};
use super::super::request::{Answer, Request, short_name};
use super::super::topic;
use super::{ActorHost, Answers, Hears, Transforms};
use crate::BoxError;

/// The error of a handler that found the state in use: the inbox admits one at a time, so there is none.
pub(in crate::bus) fn in_use() -> BoxError {
    "the state of the actor is in use".into()
}

/// A hosted actor, and what it is to hear, answer and transform. All of it comes through one inbox, in the order of
/// publication, one at a time. Clones stand for the same actor; it lives on when they are dropped.
///
/// ```
/// use std::sync::Arc;
/// use converse_core::bus::{Answers, Bus, BusConfig, Event, Handled, Hears, Request};
///
/// #[derive(Debug, serde::Serialize, Event)]
/// #[event(name = "contactOnline")]
/// struct ContactOnline;
///
/// struct CountOnline;
/// impl Request for CountOnline {
///     type Response = u32;
/// }
///
/// #[derive(Default)]
/// struct Counter { online: u32 }
///
/// impl Hears<ContactOnline> for Counter {
///     async fn hear(&mut self, _: Arc<ContactOnline>) -> Handled {
///         self.online += 1;
///         Ok(())
///     }
/// }
///
/// impl Answers<CountOnline> for Counter {
///     async fn answer(&mut self, _: CountOnline) -> u32 {
///         self.online
///     }
/// }
///
/// # #[actix::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::start(BusConfig::default());
/// bus.spawn("counter", Counter::default()).hears::<ContactOnline>().answers::<CountOnline>()?;
/// bus.publish(ContactOnline);
/// assert_eq!(bus.call(CountOnline).await?, 1);
/// # Ok(())
/// # }
/// ```
pub struct Spawned<T> {
    bus: Bus,
    owner: Arc<str>,
    inbox: u64,
    state: PhantomData<fn() -> T>,
}

impl<T: 'static> Spawned<T> {
    /// Lets the state hear events of type `E`.
    pub fn hears<E: Event>(self) -> Self
    where
        T: Hears<E>,
    {
        let request = self.request();
        self.with_state(move |dispatcher, state| {
            let handler: topic::Handler<E> = Box::new(move |event| {
                let (state, event) = (Rc::clone(&state), Arc::clone(event));
                Outcome::running(async move {
                    let mut state = state.try_lock().map_err(|_| in_use())?;
                    state.hear(event).await
                })
            });
            dispatcher.add_typed(request, handler);
        });
        self
    }

    /// Lets the state answer requests of type `R`.
    ///
    /// # Errors
    /// [`AnswererTaken`] if someone does already.
    pub fn answers<R: Request>(self) -> Result<Self, AnswererTaken>
    where
        T: Answers<R>,
    {
        let request = self
            .bus
            .claim::<R>(Arc::clone(&self.owner), Some(self.inbox))?;
        let number = self.inbox;
        self.bus.run(move |dispatcher| {
            let Some(state) = dispatcher.state::<Mutex<T>>(number) else {
                dispatcher.shared.release(TypeId::of::<R>(), request.id);
                return;
            };
            let answer: Answer<R> = Box::new(move |request, reply| {
                let state = Rc::clone(&state);
                Outcome::running(async move {
                    let mut state = state.try_lock().map_err(|_| in_use())?;
                    let answer = state.answer(request).await;
                    drop(state);
                    let _ = reply.send(Ok(answer));
                    Ok(())
                })
            });
            dispatcher.add_answerer(&request, answer);
        });
        Ok(self)
    }

    /// Lets values of type `V` pass through the state, with priority 0.
    pub fn hooks<V: Hook>(self) -> Self
    where
        T: Transforms<V>,
    {
        self.hooks_at::<V>(0)
    }

    /// As [`Spawned::hooks`]; lower priorities come first.
    pub fn hooks_at<V: Hook>(self, priority: i32) -> Self
    where
        T: Transforms<V>,
    {
        let request = self.request();
        self.with_state(move |dispatcher, state| {
            let transform: Transform<V> = Box::new(move |value, pass| {
                let state = Rc::clone(&state);
                Outcome::running(async move {
                    let mut state = state.try_lock().map_err(|_| in_use())?;
                    let transformed = state.transform(value).await;
                    drop(state);
                    let _ = pass.send(transformed);
                    Ok(())
                })
            });
            dispatcher.add_hook(&request, priority, transform);
        });
        self
    }

    /// Lets `work` look at the state, or change it, when its turn in the inbox has come.
    ///
    /// # Errors
    /// [`CallError::Failed`] if `work` panicked or the actor has stopped, [`CallError::Own`] from inside a handler of
    /// this actor, which would wait for itself, and [`CallError::Closed`] if the bus has stopped.
    pub async fn with<O: Send + 'static>(
        &self,
        work: impl FnOnce(&mut T) -> O + Send + 'static,
    ) -> Result<O, CallError> {
        let number = self.inbox;
        let (tell, told) = oneshot::channel();
        let owner = Arc::clone(&self.owner);
        let label = short_name::<T>();
        let bus = self.bus.shared.address();
        if current::inside() == Some(InboxId { bus, number }) {
            return Err(CallError::Own { request: label });
        }
        self.with_state(move |dispatcher, state| {
            let inbox = dispatcher.inbox(number, &owner);
            inbox.offer(&Label::Static(label), move || {
                Outcome::Done(state.try_lock().map_err(|_| in_use()).map(|mut state| {
                    let _ = tell.send(work(&mut state));
                }))
            });
        });
        let failed = CallError::Failed { request: label };
        told.await.map_err(|_| {
            if self.bus.is_stopped() {
                CallError::Closed
            } else {
                failed
            }
        })
    }

    /// The plugin it belongs to.
    #[must_use]
    pub fn owner(&self) -> &Arc<str> {
        &self.owner
    }

    /// Stops the actor: what waits in its inbox is forgotten, and nothing reaches it any more.
    pub fn stop(&self) -> Emission {
        let number = self.inbox;
        Emission::now(&self.bus, move |dispatcher| dispatcher.remove_inbox(number))
    }

    /// The number of the actor's inbox.
    pub(in crate::bus) fn inbox_number(&self) -> u64 {
        self.inbox
    }

    /// Runs on the bus's turn, if the actor has not stopped.
    fn with_state(&self, work: impl FnOnce(&mut Dispatcher, Rc<Mutex<T>>) + Send + 'static) {
        let number = self.inbox;
        self.bus.run(move |dispatcher| {
            if let Some(state) = dispatcher.state::<Mutex<T>>(number) {
                work(dispatcher, state);
            }
        });
    }

    fn request(&self) -> dispatcher::Request {
        dispatcher::Request {
            id: self.bus.shared.next(),
            owner: Arc::clone(&self.owner),
            inbox: Some(self.inbox),
            once: false,
        }
    }
}

impl<T> Clone for Spawned<T> {
    fn clone(&self) -> Self {
        Self {
            bus: self.bus.clone(),
            owner: Arc::clone(&self.owner),
            inbox: self.inbox,
            state: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Spawned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Spawned").field(&self.owner).finish()
    }
}

impl Bus {
    /// Starts an actor of `owner` with this state, on the bus's arbiter; what it hears is said on the result.
    pub fn spawn<T: Send + 'static>(&self, owner: impl Into<Arc<str>>, state: T) -> Spawned<T> {
        self.spawn_with(owner, |_| state)
    }

    /// As [`Bus::spawn`], for a state that needs to know its own actor.
    pub fn spawn_with<T: Send + 'static>(
        &self,
        owner: impl Into<Arc<str>>,
        state: impl FnOnce(&Spawned<T>) -> T,
    ) -> Spawned<T> {
        let spawned = Spawned {
            bus: self.clone(),
            owner: owner.into(),
            inbox: self.shared.next(),
            state: PhantomData,
        };
        let state = state(&spawned);
        let (number, owner) = (spawned.inbox, Arc::clone(&spawned.owner));
        self.run(move |dispatcher| {
            let inbox = dispatcher.inbox(number, &owner);
            let state = Rc::new(Mutex::new(state));
            dispatcher.put_state(number, Rc::clone(&state));
            let host = ActorHost {
                inbox: Rc::clone(&inbox),
                state,
            };
            inbox.set_driver(Driver::Actor(host.start().recipient()));
        });
        spawned
    }
}
