//! What hears a route: closures and hosted actors, and requests until they are answered.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use crate::bus::{Dispatcher, Handled, Spawned, Work};
use crate::router::{Condition, Outgoing, Stanza, StanzaError};
use crate::xml::ElementBuilder;

/// What a handler of requests gives back: the payload of the result, or the error to answer with.
pub type Answer = Result<Option<ElementBuilder>, StanzaError>;

pub(super) type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

pub(super) type SendReply = Arc<dyn Fn(Outgoing) -> LocalFuture<()> + Send + Sync>;

type HearSync = dyn FnMut(&Stanza) -> Handled + Send;
type Deliver<T> = dyn Fn(&mut Dispatcher, T) + Send + Sync;

/// What hears a route.
#[derive(Clone)]
pub(crate) enum Handler {
    /// Done when it returns.
    Sync(Arc<Mutex<HearSync>>),
    /// May wait.
    Async(Arc<dyn Fn(Stanza) -> LocalFuture<Handled> + Send + Sync>),
    /// A hosted actor's, in the inbox through which it hears the bus too.
    Actor(Arc<Deliver<Stanza>>),
    /// Answers requests; may wait.
    Request(Arc<dyn Fn(Stanza) -> LocalFuture<Answer> + Send + Sync>),
    /// A hosted actor that answers requests.
    ActorRequest(Arc<Deliver<PendingAnswer>>),
}

impl Handler {
    pub(super) fn answers(&self) -> bool {
        matches!(self, Self::Request(_) | Self::ActorRequest(_))
    }

    /// The handler of a hosted actor that hears stanzas.
    pub(crate) fn actor<T: HearsStanzas>(actor: &Spawned<T>) -> Self {
        let actor = actor.clone();
        Self::Actor(Arc::new(move |dispatcher, stanza| {
            dispatcher.deliver_to(&actor, stanza.kind().as_str(), Heard(stanza));
        }))
    }

    /// The handler of a hosted actor that answers requests.
    pub(crate) fn actor_request<T: AnswersRequests>(actor: &Spawned<T>) -> Self {
        let actor = actor.clone();
        Self::ActorRequest(Arc::new(move |dispatcher, pending| {
            dispatcher.deliver_to(&actor, "iq", pending);
        }))
    }
}

/// A state that hears the stanzas of its routes; see [`PluginContext::route`](crate::plugin::PluginContext::route).
pub trait HearsStanzas: 'static {
    /// Handles one stanza. While it awaits, this actor handles nothing else; others do.
    fn hear_stanza(&mut self, stanza: Stanza) -> impl Future<Output = Handled>;
}

/// A state that answers requests; see [`PluginContext::route_requests`](crate::plugin::PluginContext::route_requests).
pub trait AnswersRequests: 'static {
    /// Answers one request with the result's payload or an error.
    fn answer_request(&mut self, request: Stanza) -> impl Future<Output = Answer>;
}

struct Heard(Stanza);

impl<T: HearsStanzas> Work<T> for Heard {
    async fn work(self, state: &mut T) -> Handled {
        state.hear_stanza(self.0).await
    }
}

impl<T: AnswersRequests> Work<T> for PendingAnswer {
    async fn work(mut self, state: &mut T) -> Handled {
        let answer = state.answer_request(self.request()).await;
        self.answer(&answer).await;
        Ok(())
    }
}

/// A request that has been taken and must be answered.
pub(crate) struct PendingAnswer {
    stanza: Stanza,
    send: Option<SendReply>,
}

impl PendingAnswer {
    pub(super) fn new(stanza: Stanza, send: Option<SendReply>) -> Self {
        Self { stanza, send }
    }

    pub(super) fn request(&self) -> Stanza {
        self.stanza.clone()
    }

    pub(super) async fn answer(&mut self, answer: &Answer) {
        let reply = match answer {
            Ok(payload) => Outgoing::result_for(&self.stanza, payload.clone()),
            Err(error) => Outgoing::error_for(&self.stanza, error),
        };
        if let (Some(send), Some(reply)) = (self.send.take(), reply) {
            send(reply).await;
        }
    }
}

impl Drop for PendingAnswer {
    fn drop(&mut self) {
        let reply = Outgoing::error_for(&self.stanza, &Condition::InternalServerError.into());
        if let (Some(send), Some(reply)) = (self.send.take(), reply) {
            actix::spawn(send(reply));
        }
    }
}
