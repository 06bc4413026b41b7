//! What the inboxes of one bus share, on its arbiter.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use actix::WeakAddr;
use tokio::sync::oneshot;

use super::actor::{EventBus, Run};
use super::current::InboxId;
use super::event::{Event as _, HandlerFailed};
use super::failure::{self, Failure, Label};
use super::inbox::Inbox;
use super::pressure::Pressure;
use crate::promise::Promises;

pub(crate) struct Local {
    pub(crate) capacity: usize,
    pub(crate) pressure: Pressure,
    pub(crate) promises: Promises,
    pub(crate) bus: WeakAddr<EventBus>,
    /// The inboxes whose subscriber waits for something.
    suspended: RefCell<HashMap<u64, Weak<Inbox>>>,
    /// Who waits for there being none.
    settling: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Local {
    pub(crate) fn new(
        bus: WeakAddr<EventBus>,
        capacity: usize,
        pressure: Pressure,
        promises: Promises,
    ) -> Self {
        Self {
            capacity,
            pressure,
            promises,
            bus,
            suspended: RefCell::default(),
            settling: RefCell::default(),
        }
    }

    /// What ends when every subscriber has handled everything it was given; nothing if that is so.
    pub(crate) fn quiet(&self) -> Option<oneshot::Receiver<()>> {
        if self.suspended.borrow().is_empty() {
            return None;
        }
        let (tell, told) = oneshot::channel();
        self.settling.borrow_mut().push(tell);
        Some(told)
    }

    pub(crate) fn suspended(&self, inbox: &Rc<Inbox>) {
        self.suspended
            .borrow_mut()
            .insert(inbox.id.number, Rc::downgrade(inbox));
    }

    pub(crate) fn resumed(&self, id: InboxId) {
        self.suspended.borrow_mut().remove(&id.number);
        if self.suspended.borrow().is_empty() {
            for tell in self.settling.take() {
                let _ = tell.send(());
            }
        }
    }

    /// Every inbox that holds work, to be closed.
    pub(crate) fn take_suspended(&self) -> Vec<Rc<Inbox>> {
        self.settling.take();
        let suspended = self.suspended.take();
        suspended.values().filter_map(Weak::upgrade).collect()
    }

    /// Closes the inboxes of `owner` that hold work.
    pub(crate) fn close_suspended(&self, owner: &str) {
        let suspended: Vec<_> = self
            .suspended
            .borrow()
            .values()
            .filter_map(Weak::upgrade)
            .collect();
        for inbox in suspended.iter().filter(|inbox| *inbox.owner == *owner) {
            inbox.close();
        }
    }

    /// Says that a handler failed: in the log, and to whoever hears [`HandlerFailed`].
    pub(crate) fn failed(&self, owner: &Arc<str>, label: &Label, failure: Failure) {
        let panicked = matches!(failure, Failure::Panic(_));
        let reason = failure.into_reason();
        failure::log(owner, label.as_str(), panicked, &reason);
        // A handler of the announcement that fails is not announced: it would be called for it again.
        if label.as_str() == HandlerFailed::NAME {
            return;
        }
        let event = Arc::new(HandlerFailed {
            owner: Arc::clone(owner),
            event: label.to_cow(),
            reason,
        });
        let begun = self.promises.now();
        if let Some(bus) = self.bus.upgrade() {
            bus.do_send(Run(move |dispatcher: &mut super::Dispatcher| {
                dispatcher.publish_from(&event, begun);
            }));
        }
    }
}
