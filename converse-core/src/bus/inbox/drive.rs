//! Who goes on with a handler that did not return at once: a task of its own, or the actor that hosts it.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::{Inbox, Running};

/// How many items are handled before other tasks of the arbiter get their turn.
const ITEMS_A_TURN: usize = 64;

/// Tells a hosting actor what to do with its inbox.
#[derive(Debug, Clone, Copy, actix::Message)]
#[rtype(result = "()")]
pub(crate) enum Nudge {
    /// Work it off, and take no messages meanwhile.
    Drive,
    /// Stop.
    Halt,
}

/// Who works an inbox off.
pub(crate) enum Driver {
    /// A task that lives as long as there is something to do.
    Task,
    /// The actor whose state the handlers work on.
    Actor(actix::Recipient<Nudge>),
}

impl Driver {
    pub(super) fn wake(&self, inbox: &Rc<Inbox>) {
        match self {
            Self::Task => drop(actix::spawn(Drive::new(inbox))),
            Self::Actor(actor) => actor.do_send(Nudge::Drive),
        }
    }

    pub(super) fn halt(self) {
        if let Self::Actor(actor) = self {
            actor.do_send(Nudge::Halt);
        }
    }
}

/// Works an inbox off until it is empty or closed.
pub(crate) struct Drive {
    inbox: Rc<Inbox>,
}

impl Drive {
    pub(crate) fn new(inbox: &Rc<Inbox>) -> Self {
        Self {
            inbox: Rc::clone(inbox),
        }
    }
}

impl Future for Drive {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let inbox = &self.inbox;
        for _ in 0..ITEMS_A_TURN {
            let left = match inbox.running.take() {
                Some(running) => inbox.resume(running, cx),
                None => match inbox.next() {
                    Some(item) => {
                        let label = item.label;
                        inbox
                            .start(&label, item.start, cx)
                            .map(|future| Running { label, future })
                    }
                    None => {
                        inbox.rest();
                        return Poll::Ready(());
                    }
                },
            };
            if left.is_some() && !inbox.closed.get() {
                inbox.running.replace(left);
                inbox.waker.replace(Some(cx.waker().clone()));
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
