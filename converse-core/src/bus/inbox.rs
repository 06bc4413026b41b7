//! The inbox of one subscriber: one item at a time, in the order of publication, bounded by back-pressure.

mod drive;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::current::{self, InboxId};
use super::event::Handled;
use super::failure::{Failure, Label};
use super::local::Local;

pub(crate) use drive::{Drive, Driver, Nudge};

/// The rest of a handler that waits for something.
pub(crate) type LocalFuture = Pin<Box<dyn Future<Output = Handled>>>;

/// What calling a handler gave.
pub(crate) enum Outcome {
    /// It has returned.
    Done(Handled),
    /// It has to be polled.
    Running(LocalFuture),
}

impl Outcome {
    pub(crate) fn running(future: impl Future<Output = Handled> + 'static) -> Self {
        Self::Running(Box::pin(future))
    }
}

/// What is left of a handler after a poll.
enum Step {
    Done(Handled),
    Pending(LocalFuture),
}

fn poll(mut future: LocalFuture, cx: &mut Context<'_>) -> Step {
    match future.as_mut().poll(cx) {
        Poll::Ready(handled) => Step::Done(handled),
        Poll::Pending => Step::Pending(future),
    }
}

/// An item that waits for its turn.
struct Item {
    label: Label,
    start: Box<dyn FnOnce() -> Outcome>,
}

/// The item whose handler waits for something.
struct Running {
    label: Label,
    future: LocalFuture,
}

pub(crate) struct Inbox {
    pub(crate) id: InboxId,
    pub(crate) owner: Arc<str>,
    local: Rc<Local>,
    busy: Cell<bool>,
    full: Cell<bool>,
    closed: Cell<bool>,
    queue: RefCell<VecDeque<Item>>,
    running: RefCell<Option<Running>>,
    driver: RefCell<Driver>,
    waker: RefCell<Option<Waker>>,
}

impl Inbox {
    pub(crate) fn new(local: &Rc<Local>, id: InboxId, owner: Arc<str>) -> Rc<Self> {
        Rc::new(Self {
            id,
            owner,
            local: Rc::clone(local),
            busy: Cell::new(false),
            full: Cell::new(false),
            closed: Cell::new(false),
            queue: RefCell::default(),
            running: RefCell::default(),
            driver: RefCell::new(Driver::Task),
            waker: RefCell::default(),
        })
    }

    /// Whether the next item would be handled at once.
    pub(crate) fn is_idle(&self) -> bool {
        !self.busy.get()
    }

    /// How many items wait for their turn.
    pub(crate) fn len(&self) -> usize {
        self.queue.borrow().len()
    }

    /// From now on `driver` finishes what does not return at once.
    pub(crate) fn set_driver(&self, driver: Driver) {
        self.driver.replace(driver);
    }

    /// Handles an item now if the subscriber is idle, else when its turn has come.
    pub(crate) fn offer(self: &Rc<Self>, label: &Label, start: impl FnOnce() -> Outcome + 'static) {
        if self.is_idle() {
            self.run(label, start);
        } else {
            self.enqueue(label.clone(), Box::new(start));
        }
    }

    /// Calls the handler of an idle subscriber; what is not done by the first poll is left to the driver.
    pub(crate) fn run(self: &Rc<Self>, label: &Label, start: impl FnOnce() -> Outcome) {
        if self.closed.get() {
            return;
        }
        self.busy.set(true);
        // Nobody is to be woken yet: if something is left, the driver polls it again.
        match self.start(label, start, &mut Context::from_waker(Waker::noop())) {
            None => self.busy.set(false),
            Some(future) => {
                let label = label.clone();
                self.running.replace(Some(Running { label, future }));
                self.local.suspended(self);
                self.driver.borrow().wake(self);
            }
        }
    }

    /// Leaves an item for later; a full inbox closes the gate.
    pub(crate) fn enqueue(&self, label: Label, start: Box<dyn FnOnce() -> Outcome>) {
        if self.closed.get() {
            return;
        }
        let mut queue = self.queue.borrow_mut();
        queue.push_back(Item { label, start });
        if queue.len() >= self.local.capacity && !self.full.replace(true) {
            self.local.pressure.close(self.id, &self.owner);
        }
    }

    /// Forgets what waits and what runs; nothing is handled any more.
    pub(crate) fn close(&self) {
        if self.closed.replace(true) {
            return;
        }
        let queue = self.queue.take();
        let running = self.running.take();
        self.relieve();
        self.driver.replace(Driver::Task).halt();
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        // What is forgotten may itself hold the last handle of something: dropped last, and a panic stays here.
        let _ = catch_unwind(AssertUnwindSafe(|| drop((queue, running))));
    }

    /// Calls a handler and polls it once; gives back what is left to do.
    fn start(
        &self,
        label: &Label,
        start: impl FnOnce() -> Outcome,
        cx: &mut Context<'_>,
    ) -> Option<LocalFuture> {
        let step = self.guarded(label, || match start() {
            Outcome::Done(handled) => Step::Done(handled),
            Outcome::Running(future) => poll(future, cx),
        });
        self.settled(label, step?)
    }

    /// Polls the rest of a handler once; gives back what is left to do.
    fn resume(&self, running: Running, cx: &mut Context<'_>) -> Option<Running> {
        let Running { label, future } = running;
        let step = self.guarded(&label, || poll(future, cx))?;
        let future = self.settled(&label, step)?;
        Some(Running { label, future })
    }

    fn settled(&self, label: &Label, step: Step) -> Option<LocalFuture> {
        match step {
            Step::Pending(future) => return Some(future),
            Step::Done(Ok(())) => {}
            Step::Done(Err(error)) => self.local.failed(&self.owner, label, Failure::Error(error)),
        }
        None
    }

    /// Runs handler code: whoever panics in there has failed, nothing else.
    fn guarded(&self, label: &Label, code: impl FnOnce() -> Step) -> Option<Step> {
        let _inside = current::enter(self.id);
        match catch_unwind(AssertUnwindSafe(code)) {
            Ok(step) => Some(step),
            Err(panic) => {
                self.local.failed(&self.owner, label, Failure::Panic(panic));
                None
            }
        }
    }

    /// The next item, if there is one.
    fn next(&self) -> Option<Item> {
        let mut queue = self.queue.borrow_mut();
        let item = queue.pop_front();
        let len = queue.len();
        if len == 0 && queue.capacity() > 64 {
            queue.shrink_to(64);
        }
        drop(queue);
        if self.full.get() && (len == 0 || len < self.local.capacity / 2) {
            self.relieve();
        }
        item
    }

    /// Everything is handled.
    fn rest(&self) {
        self.busy.set(false);
        self.waker.take();
        self.local.resumed(self.id);
    }

    fn relieve(&self) {
        if self.full.replace(false) {
            self.local.pressure.relieve(self.id);
        }
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("owner", &self.owner)
            .field("waiting", &self.len())
            .finish_non_exhaustive()
    }
}
