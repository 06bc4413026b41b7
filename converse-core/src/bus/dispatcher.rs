//! The tables of the bus and what is done with them; only ever used on the bus's turn.

mod register;

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::event::{Event, Handled, NamedEvent};
use super::failure::Label;
use super::handle::Shared;
use super::inbox::{Inbox, Outcome};
use super::inbox_handle::InboxHandle;
use super::local::Local;
use super::topic::{AnyTopic, Topic};
use crate::promise::Moment;

pub(crate) use register::{Place, Request, Table};

type Named = Rc<RefCell<Topic<NamedEvent>>>;

/// Those who hear a type of event, and those who hear it by its name.
struct Typed<E> {
    topic: Topic<E>,
    named: Named,
}

impl<E: Send + Sync + 'static> AnyTopic for Typed<E> {
    fn remove(&mut self, id: u64) {
        self.topic.remove(id);
    }

    fn inboxes(&self) -> Vec<Rc<Inbox>> {
        self.topic.inboxes()
    }
}

/// Delivers on the bus's turn; a closure given to [`Bus::dispatch`](super::Bus::dispatch) gets one.
///
/// Everything one closure delivers is delivered in that order, with no other publication in between.
pub struct Dispatcher {
    pub(crate) local: Rc<Local>,
    pub(crate) shared: Arc<Shared>,
    typed: HashMap<TypeId, Box<dyn AnyTopic>>,
    named: HashMap<Arc<str>, Named>,
    pub(crate) answerers: HashMap<TypeId, Box<dyn AnyTopic>>,
    pub(crate) hooks: HashMap<TypeId, Box<dyn AnyTopic>>,
    inboxes: HashMap<u64, Rc<Inbox>>,
    states: HashMap<u64, Rc<dyn Any>>,
    places: HashMap<u64, Place>,
    order: u64,
    /// How many messages were worked off.
    pub(crate) runs: u64,
    /// Registrations that the emission under way used up.
    used_up: Vec<u64>,
}

impl Dispatcher {
    pub(crate) fn new(local: Rc<Local>, shared: Arc<Shared>) -> Self {
        Self {
            local,
            shared,
            typed: HashMap::new(),
            named: HashMap::new(),
            answerers: HashMap::new(),
            hooks: HashMap::new(),
            inboxes: HashMap::new(),
            states: HashMap::new(),
            places: HashMap::new(),
            order: 0,
            runs: 0,
            used_up: Vec::new(),
        }
    }

    /// Gives one piece of work to the subscriber `inbox`: at once if it is idle, else when its turn has come.
    ///
    /// `what` names the work in logs and in [`HandlerFailed`](super::HandlerFailed).
    pub fn deliver<F, Fut>(&mut self, inbox: &InboxHandle, what: &'static str, work: F)
    where
        F: FnOnce() -> Fut + 'static,
        Fut: Future<Output = Handled> + 'static,
    {
        let inbox = self.inbox_of(inbox);
        inbox.offer(&Label::Static(what), move || Outcome::running(work()));
    }

    /// As [`Dispatcher::deliver`], for work that is done when it returns. Allocates nothing if the subscriber is idle.
    pub fn deliver_sync<F>(&mut self, inbox: &InboxHandle, what: &'static str, work: F)
    where
        F: FnOnce() -> Handled + 'static,
    {
        let inbox = self.inbox_of(inbox);
        inbox.offer(&Label::Static(what), move || Outcome::Done(work()));
    }

    /// How many items wait in `inbox` for their turn, not counting the one that is being handled.
    #[must_use]
    pub fn waiting(&self, inbox: &InboxHandle) -> usize {
        self.inboxes
            .get(&inbox.number())
            .map_or(0, |inbox| inbox.len())
    }

    /// Publishes within this turn: when it returns, the handlers were called.
    pub fn publish<E: Event>(&mut self, event: E) {
        let begun = self.local.promises.now();
        self.publish_from(&Arc::new(event), begun);
    }

    /// Publishes an event whose emission began at `begun`.
    pub(crate) fn publish_from<E: Event>(&mut self, event: &Arc<E>, begun: Moment) {
        let label = Label::Static(E::NAME);
        let mut used_up = std::mem::take(&mut self.used_up);
        let typed = self.typed::<E>();
        if let Some(typed) = typed {
            let mut named = typed.named.borrow_mut();
            if named.is_empty() {
                typed.topic.deliver_all(&label, event);
            } else {
                let by_name = Arc::new(NamedEvent::new(E::NAME, args_of(event.as_ref())));
                merge(&typed.topic, &named, &label, event, &by_name);
                named.take_once(&mut used_up);
            }
            typed.topic.take_once(&mut used_up);
        }
        self.forget(&mut used_up);
        self.used_up = used_up;
        if E::PROMISE {
            self.local.promises.resolve_or_add(E::NAME, begun);
        } else {
            self.local.promises.resolve(E::NAME, begun);
        }
    }

    /// Emits an event that has only a name.
    pub(crate) fn emit_from(&mut self, event: &Arc<NamedEvent>, begun: Moment) {
        let mut used_up = std::mem::take(&mut self.used_up);
        if let Some(named) = self.named.get(&event.name) {
            let mut named = named.borrow_mut();
            named.deliver_all(&Label::Shared(Arc::clone(&event.name)), event);
            named.take_once(&mut used_up);
        }
        self.forget(&mut used_up);
        self.used_up = used_up;
        self.local.promises.resolve(&event.name, begun);
    }

    /// Closes every inbox and forgets every registration.
    pub(crate) fn close(&mut self) {
        let mut inboxes: Vec<_> = self.inboxes.drain().map(|(_, inbox)| inbox).collect();
        inboxes.extend(self.local.take_suspended());
        for table in [&self.typed, &self.answerers, &self.hooks] {
            inboxes.extend(table.values().flat_map(|topic| topic.inboxes()));
        }
        inboxes.extend(
            self.named
                .values()
                .flat_map(|named| named.borrow().inboxes()),
        );
        inboxes.iter().for_each(|inbox| inbox.close());
        self.local.promises.close();
        self.shared.release_all();
        drop((
            std::mem::take(&mut self.typed),
            std::mem::take(&mut self.named),
        ));
        drop((
            std::mem::take(&mut self.answerers),
            std::mem::take(&mut self.hooks),
        ));
        drop((
            std::mem::take(&mut self.states),
            std::mem::take(&mut self.places),
        ));
    }

    /// The table of `E`, made and linked with its name when first asked for.
    fn typed<E: Event>(&mut self) -> Option<&mut Typed<E>> {
        let named = &mut self.named;
        let typed = self.typed.entry(TypeId::of::<E>()).or_insert_with(|| {
            let named = named.entry(Arc::from(E::NAME)).or_default();
            Box::new(Typed::<E> {
                topic: Topic::default(),
                named: Rc::clone(named),
            })
        });
        let typed: &mut dyn Any = typed.as_mut();
        typed.downcast_mut()
    }
}

/// The value of a typed event as the arguments of a named one.
fn args_of<E: Event>(event: &E) -> Vec<Value> {
    match catch_unwind(AssertUnwindSafe(|| event.to_value())) {
        Ok(Value::Null) => Vec::new(),
        Ok(value) => vec![value],
        Err(_) => {
            tracing::error!(event = E::NAME, "an event panicked when it was serialised");
            Vec::new()
        }
    }
}

/// Delivers to both kinds of subscribers in the order in which they registered.
fn merge<E: Event>(
    typed: &Topic<E>,
    named: &Topic<NamedEvent>,
    label: &Label,
    event: &Arc<E>,
    by_name: &Arc<NamedEvent>,
) {
    let (mut t, mut n) = (0, 0);
    loop {
        match (typed.order(t), named.order(n)) {
            (None, None) => return,
            (Some(a), b) if b.is_none_or(|b| a < b) => {
                typed.deliver(t, label, event);
                t += 1;
            }
            _ => {
                named.deliver(n, label, by_name);
                n += 1;
            }
        }
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher")
            .field("registrations", &self.places.len())
            .field("inboxes", &self.inboxes.len())
            .finish_non_exhaustive()
    }
}
