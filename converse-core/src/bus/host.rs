//! Actors whose state is plain: the bus hosts it.

mod spawned;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, ActorContext as _, AsyncContext as _, Context, Handler, WrapFuture as _};
use tokio::sync::Mutex;

use super::event::{Event, Handled};
use super::hook::Hook;
use super::inbox::{Drive, Inbox, Nudge};
use super::request::Request;
use crate::BoxError;

pub use spawned::Spawned;
pub(super) use spawned::in_use;

/// A state that hears events of type `E`; see [`Bus::spawn`](super::Bus::spawn).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hear `{E}`",
    note = "add `impl Hears<{E}> for {Self} {{ async fn hear(&mut self, event: Arc<{E}>) -> Handled {{ … }} }}`"
)]
pub trait Hears<E: Event>: 'static {
    /// Handles one event. An error is logged with the plugin's name and announced as
    /// [`HandlerFailed`](super::HandlerFailed). While it awaits, this actor handles nothing else; others do.
    fn hear(&mut self, event: Arc<E>) -> impl Future<Output = Handled>;
}

/// A state that answers requests of type `R`; see [`Bus::spawn`](super::Bus::spawn).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not answer `{R}`",
    note = "add `impl Answers<{R}> for {Self} {{ async fn answer(&mut self, request: {R}) -> … {{ … }} }}`"
)]
pub trait Answers<R: Request>: 'static {
    /// Answers one request. While it awaits, this actor handles nothing else; others do.
    fn answer(&mut self, request: R) -> impl Future<Output = R::Response>;
}

/// A state that values of type `V` pass through; see [`Bus::spawn`](super::Bus::spawn).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no hook of `{V}`",
    note = "add `impl Transforms<{V}> for {Self} {{ async fn transform(&mut self, value: {V}) -> Result<{V}, BoxError> {{ … }} }}`"
)]
pub trait Transforms<V: Hook>: 'static {
    /// Changes the value or not; [`Stop`](super::Stop) as the error stops it on purpose, any other refuses it.
    fn transform(&mut self, value: V) -> impl Future<Output = Result<V, BoxError>>;
}

/// The actix actor that hosts a state of type `T`.
///
/// The bus and the actor live on one arbiter. While the actor is idle the bus calls the state's handlers in place,
/// without the detour through a second mailbox, so that handlers run in the order of registration. What a handler
/// leaves to await is finished by the actor, which takes no other work until then.
pub struct ActorHost<T> {
    inbox: Rc<Inbox>,
    state: Rc<Mutex<T>>,
}

impl<T: 'static> Actor for ActorHost<T> {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Self::Context) {
        self.inbox.close();
    }
}

impl<T: 'static> Handler<Nudge> for ActorHost<T> {
    type Result = ();

    fn handle(&mut self, nudge: Nudge, cx: &mut Self::Context) {
        match nudge {
            Nudge::Drive => cx.wait(Drive::new(&self.inbox).into_actor(self)),
            Nudge::Halt => cx.stop(),
        }
    }
}

impl<T> fmt::Debug for ActorHost<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorHost")
            .field("inbox", &self.inbox)
            .field("busy", &self.state.try_lock().is_err())
            .finish()
    }
}
