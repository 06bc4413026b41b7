//! Who hears one kind of event, in the order of registration.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use super::failure::Label;
use super::inbox::{Inbox, Outcome};

/// A handler of `E`, whatever it is made of.
pub(crate) type Handler<E> = Box<dyn FnMut(&Arc<E>) -> Outcome>;

/// One registration.
pub(crate) struct Entry<E> {
    id: u64,
    order: u64,
    once: bool,
    alive: Cell<bool>,
    inbox: Rc<Inbox>,
    handler: RefCell<Handler<E>>,
}

impl<E: Send + Sync + 'static> Entry<E> {
    fn deliver(self: &Rc<Self>, label: &Label, event: &Arc<E>) {
        if self.inbox.is_idle() {
            self.inbox.run(label, || self.call(event));
            return;
        }
        let entry = Rc::clone(self);
        let event = Arc::clone(event);
        let start = move || {
            if entry.alive.get() {
                entry.call(&event)
            } else {
                Outcome::Done(Ok(()))
            }
        };
        self.inbox.enqueue(label.clone(), Box::new(start));
    }

    fn call(&self, event: &Arc<E>) -> Outcome {
        match self.handler.try_borrow_mut() {
            Ok(mut handler) => handler(event),
            Err(_) => Outcome::Done(Err(
                "the handler was called while it was being called".into()
            )),
        }
    }
}

/// The subscribers of one type of event, or of one name.
pub(crate) struct Topic<E> {
    entries: Vec<Rc<Entry<E>>>,
}

impl<E> Default for Topic<E> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
        }
    }
}

/// What is registered, apart from its handler.
pub(crate) struct Registration {
    pub(crate) id: u64,
    pub(crate) order: u64,
    pub(crate) once: bool,
    pub(crate) inbox: Rc<Inbox>,
}

impl<E: Send + Sync + 'static> Topic<E> {
    pub(crate) fn add(&mut self, registration: Registration, handler: Handler<E>) {
        let Registration {
            id,
            order,
            once,
            inbox,
        } = registration;
        self.entries.push(Rc::new(Entry {
            id,
            order,
            once,
            alive: Cell::new(true),
            inbox,
            handler: RefCell::new(handler),
        }));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Delivers to the subscriber at `index`.
    pub(crate) fn deliver(&self, index: usize, label: &Label, event: &Arc<E>) {
        self.entries[index].deliver(label, event);
    }

    /// Delivers to all.
    pub(crate) fn deliver_all(&self, label: &Label, event: &Arc<E>) {
        for entry in &self.entries {
            entry.deliver(label, event);
        }
    }

    /// The place of the subscriber at `index` among all registrations.
    pub(crate) fn order(&self, index: usize) -> Option<u64> {
        self.entries.get(index).map(|entry| entry.order)
    }

    /// Removes the registrations that are for one emission only.
    pub(crate) fn take_once(&mut self, gone: &mut Vec<u64>) {
        if self.entries.iter().any(|entry| entry.once) {
            self.entries.retain(|entry| {
                if entry.once {
                    gone.push(entry.id);
                }
                !entry.once
            });
        }
    }

    /// Removes a registration; what of it still waits in the inbox is not handled any more.
    pub(crate) fn remove(&mut self, id: u64) {
        self.entries.retain(|entry| {
            if entry.id == id {
                entry.alive.set(false);
            }
            entry.id != id
        });
    }

    pub(crate) fn inboxes(&self) -> Vec<Rc<Inbox>> {
        self.entries
            .iter()
            .map(|entry| Rc::clone(&entry.inbox))
            .collect()
    }
}

/// A table whose type of event, request or value is known to those who use it.
pub(crate) trait AnyTopic: Any {
    /// Removes a registration; what of it still waits in the inbox is not handled any more.
    fn remove(&mut self, id: u64);

    /// The inboxes of those who are registered.
    fn inboxes(&self) -> Vec<Rc<Inbox>>;
}
