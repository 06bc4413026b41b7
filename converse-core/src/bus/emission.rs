//! An emission on its way, and the wait for its end.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;

use super::actor::guarded;
use super::current;
use super::dispatcher::Dispatcher;
use super::error::EmitError;
use super::handle::Bus;

/// What [`Bus::emit`] and its like return. Awaiting it is optional: the emission takes place in any case.
///
/// # Errors
/// It ends with [`EmitError`] if the bus has stopped or an argument has no JSON form.
pub struct Emission {
    state: State,
}

enum State {
    /// An inbox is full: it is sent when there is room, or when nobody waits for it any more.
    Held {
        send: Box<dyn FnOnce() + Send>,
        room: Pin<Box<dyn Future<Output = ()> + Send>>,
        done: oneshot::Receiver<bool>,
    },
    Sent(oneshot::Receiver<bool>),
    Failed(EmitError),
    Over,
}

impl Emission {
    /// Sends `work` when there is room; from inside a handler, now.
    pub(crate) fn new(bus: &Bus, work: impl FnOnce(&mut Dispatcher) + Send + 'static) -> Self {
        let pressure = bus.pressure();
        if pressure.is_open() || current::inside().is_some() {
            return Self::now(bus, work);
        }
        let (tell, done) = oneshot::channel();
        let pressure = pressure.clone();
        let bus = bus.clone();
        let state = State::Held {
            send: Box::new(move || send(&bus, work, tell)),
            room: Box::pin(async move { pressure.wait_open().await }),
            done,
        };
        Self { state }
    }

    /// Sends `work` now.
    pub(crate) fn now(bus: &Bus, work: impl FnOnce(&mut Dispatcher) + Send + 'static) -> Self {
        let (tell, done) = oneshot::channel();
        send(bus, work, tell);
        Self {
            state: State::Sent(done),
        }
    }

    pub(crate) fn failed(error: EmitError) -> Self {
        Self {
            state: State::Failed(error),
        }
    }
}

fn send(
    bus: &Bus,
    work: impl FnOnce(&mut Dispatcher) + Send + 'static,
    tell: oneshot::Sender<bool>,
) {
    bus.run(move |dispatcher| {
        let done = guarded(|| work(dispatcher));
        let _ = tell.send(done);
    });
}

impl Future for Emission {
    type Output = Result<(), EmitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Held { room, .. } = &mut self.state {
            // A handler that awaits what was emitted outside must not wait for its own inbox.
            if current::inside().is_none() {
                ready!(room.as_mut().poll(cx));
            }
            if let State::Held { send, done, .. } = std::mem::replace(&mut self.state, State::Over)
            {
                send();
                self.state = State::Sent(done);
            }
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::Sent(mut done) => match Pin::new(&mut done).poll(cx) {
                Poll::Ready(Ok(true)) => Poll::Ready(Ok(())),
                Poll::Ready(Ok(false)) => Poll::Ready(Err(EmitError::Panicked)),
                Poll::Ready(Err(_)) => Poll::Ready(Err(EmitError::Closed)),
                Poll::Pending => {
                    self.state = State::Sent(done);
                    Poll::Pending
                }
            },
            State::Failed(error) => Poll::Ready(Err(error)),
            State::Held { .. } | State::Over => Poll::Ready(Err(EmitError::Closed)),
        }
    }
}

impl Drop for Emission {
    fn drop(&mut self) {
        if let State::Held { send, .. } = std::mem::replace(&mut self.state, State::Over) {
            send();
        }
    }
}

impl fmt::Debug for Emission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Held { .. } => "held",
            State::Sent(_) => "sent",
            State::Failed(_) => "failed",
            State::Over => "over",
        };
        f.debug_tuple("Emission").field(&state).finish()
    }
}
