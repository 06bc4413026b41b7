//! Registering and withdrawing.

use std::any::{Any, TypeId};
use std::collections::hash_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

use super::super::current::InboxId;
use super::super::event::{Event, NamedEvent};
use super::super::inbox::Inbox;
use super::super::inbox_handle::InboxHandle;
use super::super::topic::{Handler, Registration};
use super::Dispatcher;

/// Where a registration stands.
pub(crate) enum Table {
    Typed(TypeId),
    Named(Arc<str>),
    Answerer(TypeId),
    Hook(TypeId),
}

/// A registration by its id.
pub(crate) struct Place {
    pub(crate) table: Table,
    pub(crate) owner: Arc<str>,
    pub(crate) inbox: u64,
}

/// What a handle asks to be registered; everything in it may come from another thread.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) id: u64,
    pub(crate) owner: Arc<str>,
    /// The inbox to share; without one the registration gets its own.
    pub(crate) inbox: Option<u64>,
    pub(crate) once: bool,
}

impl Dispatcher {
    pub(crate) fn add_typed<E: Event>(&mut self, request: Request, handler: Handler<E>) {
        let registration = self.registration(&request, Table::Typed(TypeId::of::<E>()));
        if let Some(typed) = self.typed::<E>() {
            typed.topic.add(registration, handler);
        }
    }

    pub(crate) fn add_named(
        &mut self,
        name: &Arc<str>,
        request: Request,
        handler: Handler<NamedEvent>,
    ) {
        let registration = self.registration(&request, Table::Named(Arc::clone(name)));
        let named = self.named.entry(Arc::clone(name)).or_default();
        named.borrow_mut().add(registration, handler);
    }

    /// Notes the place of a registration, and finds or makes its inbox.
    pub(crate) fn registration(&mut self, request: &Request, table: Table) -> Registration {
        let owner = Arc::clone(&request.owner);
        let number = request.inbox.unwrap_or(request.id);
        let place = Place {
            table,
            owner,
            inbox: number,
        };
        self.places.insert(request.id, place);
        let order = self.order;
        self.order += 1;
        let inbox = match request.inbox {
            Some(number) => self.inbox(number, &request.owner),
            None => Inbox::new(
                &self.local,
                self.inbox_id(request.id),
                Arc::clone(&request.owner),
            ),
        };
        Registration {
            id: request.id,
            order,
            once: request.once,
            inbox,
        }
    }

    /// Removes a registration; with `name`, only if it was made under that name.
    pub(crate) fn remove(&mut self, id: u64, name: Option<&str>) {
        let Entry::Occupied(place) = self.places.entry(id) else {
            return;
        };
        if let Some(name) = name
            && !matches!(&place.get().table, Table::Named(registered) if **registered == *name)
        {
            return;
        }
        match place.remove().table {
            Table::Typed(of) => {
                if let Some(topic) = self.typed.get_mut(&of) {
                    topic.remove(id);
                }
            }
            Table::Named(name) => self.remove_named(&name, id),
            Table::Answerer(of) => {
                self.answerers.remove(&of);
                self.shared.release(of, id);
            }
            Table::Hook(of) => {
                if let Some(chain) = self.hooks.get_mut(&of) {
                    chain.remove(id);
                }
            }
        }
    }

    fn remove_named(&mut self, name: &Arc<str>, id: u64) {
        if let Some(named) = self.named.get(name) {
            named.borrow_mut().remove(id);
            // No typed event is linked with it: names come from anywhere and must not pile up.
            if named.borrow().is_empty() && Rc::strong_count(named) == 1 {
                self.named.remove(name);
            }
        }
    }

    /// Removes everything `owner` registered, and closes its inboxes.
    pub(crate) fn withdraw(&mut self, owner: &str) {
        self.remove_where(|place| *place.owner == *owner);
        let own: Vec<_> = self
            .inboxes
            .values()
            .filter(|inbox| *inbox.owner == *owner)
            .cloned()
            .collect();
        for inbox in own {
            self.close_inbox(&inbox);
        }
        self.local.close_suspended(owner);
    }

    /// Forgets registrations that are used up.
    pub(crate) fn forget(&mut self, ids: &mut Vec<u64>) {
        for id in ids.drain(..) {
            if let Some(Place {
                table: Table::Named(name),
                ..
            }) = self.places.remove(&id)
            {
                self.remove_named(&name, id);
            }
        }
    }

    pub(crate) fn inbox_of(&mut self, handle: &InboxHandle) -> Rc<Inbox> {
        self.inbox(handle.number(), handle.owner())
    }

    /// The inbox of this number, made when first asked for.
    pub(crate) fn inbox(&mut self, number: u64, owner: &Arc<str>) -> Rc<Inbox> {
        if let Some(inbox) = self.inboxes.get(&number) {
            return Rc::clone(inbox);
        }
        let inbox = Inbox::new(&self.local, self.inbox_id(number), Arc::clone(owner));
        self.inboxes.insert(number, Rc::clone(&inbox));
        inbox
    }

    /// Closes an inbox. One that others fill stays known until its handle is gone, so that nobody opens it anew.
    fn close_inbox(&mut self, inbox: &Inbox) {
        inbox.close();
        if self.states.remove(&inbox.id.number).is_some() {
            self.inboxes.remove(&inbox.id.number);
        }
    }

    /// Removes whatever is registered with an inbox, and closes it.
    pub(crate) fn remove_inbox(&mut self, number: u64) {
        let of_inbox = |place: &Place| place.inbox == number;
        self.remove_where(of_inbox);
        if let Some(inbox) = self.inboxes.get(&number).cloned() {
            self.close_inbox(&inbox);
        }
    }

    fn remove_where(&mut self, chosen: impl Fn(&Place) -> bool) {
        let ids: Vec<u64> = self
            .places
            .iter()
            .filter(|(_, place)| chosen(place))
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            self.remove(id, None);
        }
    }

    /// Lets go of an inbox whose handle is gone; what waits in it is still handled.
    pub(crate) fn release_inbox(&mut self, number: u64) {
        self.inboxes.remove(&number);
    }

    pub(crate) fn put_state<T: 'static>(&mut self, number: u64, state: Rc<T>) {
        self.states.insert(number, state);
    }

    /// The state behind the inbox of this number.
    pub(crate) fn state<T: 'static>(&self, number: u64) -> Option<Rc<T>> {
        let state: Rc<dyn Any> = Rc::clone(self.states.get(&number)?);
        state.downcast().ok()
    }

    fn inbox_id(&self, number: u64) -> InboxId {
        InboxId {
            bus: self.shared.address(),
            number,
        }
    }
}
