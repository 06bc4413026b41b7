//! Requests: exactly one answers.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::current::{self, InboxId};
use super::dispatcher::{self, Dispatcher, Table};
use super::error::{AnswererTaken, CallError};
use super::failure::Label;
use super::handle::Bus;
use super::inbox::{Inbox, Outcome};
use super::listen::SubscriptionId;
use super::topic::AnyTopic;

/// Something that exactly one plugin can do when asked, named in the imperative.
///
/// ```
/// use converse_core::bus::{Bus, BusConfig, Request};
///
/// struct AddContact { jid: String }
/// impl Request for AddContact {
///     type Response = Result<(), String>;
/// }
///
/// # #[actix::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::start(BusConfig::default());
/// bus.answer("roster", |request: AddContact| async move {
///     if request.jid.is_empty() { Err("no address".to_owned()) } else { Ok(()) }
/// })?;
/// assert_eq!(bus.call(AddContact { jid: "romeo@montague.example".into() }).await?, Ok(()));
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a request",
    note = "say what it is answered with: `impl Request for {Self} {{ type Response = …; }}`"
)]
pub trait Request: Send + 'static {
    /// The answer.
    type Response: Send + 'static;
}

/// Where the answer goes.
pub(crate) type Reply<R> = oneshot::Sender<Result<<R as Request>::Response, CallError>>;

/// Answers, and sends the answer.
pub(crate) type Answer<R> = Box<dyn FnMut(R, Reply<R>) -> Outcome>;

struct Answerer<R: Request> {
    inbox: Rc<Inbox>,
    answer: Rc<RefCell<Answer<R>>>,
}

impl<R: Request> AnyTopic for Answerer<R> {
    fn remove(&mut self, _: u64) {}

    fn inboxes(&self) -> Vec<Rc<Inbox>> {
        vec![Rc::clone(&self.inbox)]
    }
}

/// The name of a type without its path.
pub(crate) fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let path = name.split('<').next().unwrap_or(name);
    let start = path.rfind("::").map_or(0, |at| at + 2);
    &name[start..]
}

impl Dispatcher {
    pub(crate) fn add_answerer<R: Request>(
        &mut self,
        request: &dispatcher::Request,
        answer: Answer<R>,
    ) {
        let registration = self.registration(request, Table::Answerer(TypeId::of::<R>()));
        let answerer = Answerer::<R> {
            inbox: registration.inbox,
            answer: Rc::new(RefCell::new(answer)),
        };
        self.answerers.insert(TypeId::of::<R>(), Box::new(answerer));
    }

    /// Hands a request to its answerer and goes on.
    fn ask<R: Request>(&mut self, request: R, caller: Option<InboxId>, reply: Reply<R>) {
        let name = short_name::<R>();
        let answerer = self.answerers.get(&TypeId::of::<R>()).and_then(|answerer| {
            let answerer: &dyn Any = answerer.as_ref();
            answerer.downcast_ref::<Answerer<R>>()
        });
        let Some(answerer) = answerer else {
            let _ = reply.send(Err(CallError::NoAnswerer { request: name }));
            return;
        };
        if caller == Some(answerer.inbox.id) {
            let _ = reply.send(Err(CallError::Own { request: name }));
            return;
        }
        let answer = Rc::clone(&answerer.answer);
        answerer.inbox.offer(&Label::Static(name), move || {
            if reply.is_closed() {
                return Outcome::Done(Ok(()));
            }
            match answer.try_borrow_mut() {
                Ok(mut answer) => answer(request, reply),
                Err(_) => Outcome::Done(Err("the answerer was asked while it was asked".into())),
            }
        });
    }
}

impl Bus {
    /// Asks whoever answers requests of type `R`, for at most [`BusConfig::call_timeout`](super::BusConfig).
    ///
    /// The request takes its turn among the publications, so the answerer has heard what was published before. A slow
    /// answerer holds up its own inbox, never the bus.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call<R: Request>(&self, request: R) -> Result<R::Response, CallError> {
        self.call_within(request, self.shared.config.call_timeout)
            .await
    }

    /// As [`Bus::call`], with another deadline. A request that is still waiting when it passes is not answered at all.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call_within<R: Request>(
        &self,
        request: R,
        limit: Duration,
    ) -> Result<R::Response, CallError> {
        let (reply, answer) = oneshot::channel();
        let caller = current::inside();
        self.run(move |dispatcher| dispatcher.ask(request, caller, reply));
        let request = short_name::<R>();
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) if self.is_stopped() => Err(CallError::Closed),
            Ok(Err(_)) => Err(CallError::Failed { request }),
            Err(_) => Err(CallError::Timeout {
                request,
                after: limit,
            }),
        }
    }

    /// Makes a closure of `owner` the answerer of requests of type `R`.
    ///
    /// # Errors
    /// [`AnswererTaken`] if there is one already.
    pub fn answer<R, F, Fut>(
        &self,
        owner: impl Into<Arc<str>>,
        mut answer: F,
    ) -> Result<SubscriptionId, AnswererTaken>
    where
        R: Request,
        F: FnMut(R) -> Fut + Send + 'static,
        Fut: Future<Output = R::Response> + 'static,
    {
        let request = self.claim::<R>(owner.into(), None)?;
        let id = SubscriptionId(request.id);
        self.run(move |dispatcher| {
            let answer: Answer<R> = Box::new(move |request, reply| {
                let answer = answer(request);
                Outcome::running(async move {
                    let _ = reply.send(Ok(answer.await));
                    Ok(())
                })
            });
            dispatcher.add_answerer(&request, answer);
        });
        Ok(id)
    }

    /// Claims requests of type `R` for `owner`.
    pub(crate) fn claim<R: Request>(
        &self,
        owner: Arc<str>,
        inbox: Option<u64>,
    ) -> Result<dispatcher::Request, AnswererTaken> {
        let id = self.shared.next();
        self.shared
            .claim(TypeId::of::<R>(), short_name::<R>(), id, &owner)?;
        Ok(dispatcher::Request {
            id,
            owner,
            inbox,
            once: false,
        })
    }
}
