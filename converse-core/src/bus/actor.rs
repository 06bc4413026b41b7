//! The event-bus actor: a mailbox in front of the dispatcher.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use actix::{
    Actor, ActorContext as _, AsyncContext as _, Context, Handler, Message, WrapFuture as _,
};

use super::dispatcher::Dispatcher;

/// How many messages are worked off before other tasks of the arbiter get their turn.
const MESSAGES_A_TURN: u64 = 256;

/// The actor behind every [`Bus`](super::Bus) handle: its mailbox is the order of publication.
pub struct EventBus {
    dispatcher: Dispatcher,
}

impl EventBus {
    pub(crate) fn new(dispatcher: Dispatcher) -> Self {
        Self { dispatcher }
    }
}

impl Actor for EventBus {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Self::Context) {
        self.dispatcher.close();
    }
}

/// Runs on the bus, in its turn.
pub(crate) struct Run<F>(pub(crate) F);

impl<F> Message for Run<F> {
    type Result = ();
}

impl<F: FnOnce(&mut Dispatcher) + Send + 'static> Handler<Run<F>> for EventBus {
    type Result = ();

    fn handle(&mut self, Run(work): Run<F>, cx: &mut Self::Context) {
        self.dispatcher.runs += 1;
        guarded(|| work(&mut self.dispatcher));
        if self.dispatcher.runs.is_multiple_of(MESSAGES_A_TURN) {
            cx.wait(tokio::task::yield_now().into_actor(self));
        }
    }
}

/// Handlers are guarded one by one; this keeps a fault of the work itself from ending the bus.
pub(crate) fn guarded(work: impl FnOnce()) -> bool {
    let done = catch_unwind(AssertUnwindSafe(work)).is_ok();
    if !done {
        tracing::error!("work on the bus panicked; the rest of it is lost");
    }
    done
}

/// Stops the bus and closes every inbox.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Stop;

impl Handler<Stop> for EventBus {
    type Result = ();

    fn handle(&mut self, Stop: Stop, cx: &mut Self::Context) {
        self.dispatcher.close();
        cx.stop();
    }
}

impl fmt::Debug for EventBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBus")
            .field("dispatcher", &self.dispatcher)
            .finish()
    }
}
