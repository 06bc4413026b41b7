//! The routes of an instance, and how a batch of stanzas finds them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jid::BareJid;

use crate::bus::{Bus, Dispatcher, InboxHandle};
use crate::error::{Error, ErrorKind};
use crate::router::handler::{Handler, LocalFuture, PendingAnswer, SendReply};
use crate::router::route::Route;
use crate::router::sender::{Identity, Origin};
use crate::router::{Condition, Outgoing, Stanza, StanzaKind};

#[derive(Clone)]
struct Entry {
    id: u64,
    route: Route,
    inbox: InboxHandle,
    handler: Handler,
}

type IsContact = Arc<dyn Fn(&BareJid) -> bool + Send + Sync>;

#[derive(Clone, Default)]
struct Table {
    messages: Vec<Entry>,
    presences: Vec<Entry>,
    /// By type and namespace: exactly one plugin answers.
    requests: HashMap<(&'static str, String), Entry>,
    is_contact: Option<IsContact>,
    send_reply: Option<SendReply>,
    next: u64,
}

/// The routes of one instance; clones share them. Reading takes no lock that a handler could need.
#[derive(Clone, Default)]
pub(crate) struct Router {
    table: Arc<RwLock<Arc<Table>>>,
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table();
        f.debug_struct("Router")
            .field("messages", &table.messages.len())
            .field("presences", &table.presences.len())
            .field("requests", &table.requests.len())
            .finish_non_exhaustive()
    }
}

/// Names a route, to end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RouteId(u64);

impl Router {
    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Table) -> T) -> T {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut table))
    }

    /// Adds a route.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plugin`] when another plugin answers the same requests, or the handler does not fit the route.
    pub(crate) fn add(
        &self,
        route: Route,
        inbox: InboxHandle,
        handler: Handler,
    ) -> Result<RouteId, Error> {
        if (route.kind == StanzaKind::Iq) != handler.answers() {
            return Err(Error::new(
                ErrorKind::Plugin,
                "a route of requests takes a handler that answers, any other route one that does not",
            ));
        }
        self.change(|table| {
            table.next += 1;
            let id = table.next;
            let answers = route.answers().map(|(type_, ns)| (type_, ns.to_owned()));
            let entry = Entry {
                id,
                route,
                inbox,
                handler,
            };
            match (entry.route.kind, answers) {
                (StanzaKind::Message, _) => table.messages.push(entry),
                (StanzaKind::Presence, _) => table.presences.push(entry),
                (StanzaKind::Iq, Some(key)) => {
                    if let Some(taken) = table.requests.get(&key) {
                        let message = format!(
                            "plugin `{}` cannot answer iq {} of `{}`: plugin `{}` does already",
                            entry.inbox.owner(),
                            key.0,
                            key.1,
                            taken.inbox.owner()
                        );
                        return Err(Error::new(ErrorKind::Plugin, message));
                    }
                    table.requests.insert(key, entry);
                }
                (StanzaKind::Iq, None) => {
                    return Err(Error::new(
                        ErrorKind::Plugin,
                        "a route of requests needs a namespace",
                    ));
                }
            }
            Ok(RouteId(id))
        })
    }

    /// Ends a route; an unknown one is no error.
    pub(crate) fn remove(&self, RouteId(id): RouteId) {
        self.change(|table| {
            table.messages.retain(|entry| entry.id != id);
            table.presences.retain(|entry| entry.id != id);
            table.requests.retain(|_, entry| entry.id != id);
        });
    }

    /// Ends every route.
    pub(crate) fn clear(&self) {
        self.change(|table| *table = Table::default());
    }

    /// Who knows the contacts.
    pub(crate) fn set_contacts(
        &self,
        is_contact: impl Fn(&BareJid) -> bool + Send + Sync + 'static,
    ) {
        self.change(|table| table.is_contact = Some(Arc::new(is_contact)));
    }

    /// Where answers of request handlers go.
    pub(crate) fn set_replies(
        &self,
        send: impl Fn(Outgoing) -> LocalFuture<()> + Send + Sync + 'static,
    ) {
        self.change(|table| table.send_reply = Some(Arc::new(send)));
    }

    /// Puts a batch into the inboxes of those who may hear it, on the bus's turn and in its order. Returns when that is
    /// done, with the answers to requests that nobody takes.
    pub(crate) async fn route(&self, bus: &Bus, batch: Batch) -> Vec<Outgoing> {
        let table = self.table();
        let refused = Arc::new(Mutex::new(Vec::new()));
        let collect = Arc::clone(&refused);
        let routed = bus.dispatch(move |dispatcher| {
            for item in batch.items {
                match item {
                    Item::Reply(deliver) => deliver(dispatcher),
                    Item::Stanza(stanza) => {
                        if let Some(answer) = table.deliver(dispatcher, stanza, &batch.identity) {
                            collect
                                .lock()
                                .unwrap_or_else(PoisonError::into_inner)
                                .push(answer);
                        }
                    }
                }
            }
        });
        if routed.await.is_err() {
            tracing::debug!("the bus has stopped; a batch of stanzas is lost with it");
        }
        std::mem::take(&mut *refused.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    fn admits(
        &self,
        entry: &Entry,
        stanza: &Stanza,
        origin: &Origin<'_>,
        identity: &Identity,
    ) -> bool {
        let is_contact = |jid: &BareJid| self.is_contact.as_ref().is_some_and(|check| check(jid));
        entry.route.admits(stanza, origin, identity, &is_contact)
    }

    fn deliver(
        &self,
        dispatcher: &mut Dispatcher,
        stanza: Stanza,
        identity: &Identity,
    ) -> Option<Outgoing> {
        let entries = match stanza.kind() {
            StanzaKind::Message => &self.messages,
            StanzaKind::Presence => &self.presences,
            StanzaKind::Iq => return self.deliver_request(dispatcher, stanza, identity),
        };
        let origin = Origin::new(stanza.from());
        for entry in entries
            .iter()
            .filter(|entry| self.admits(entry, &stanza, &origin, identity))
        {
            let stanza = stanza.clone();
            match &entry.handler {
                Handler::Sync(handler) => {
                    let handler = Arc::clone(handler);
                    dispatcher.deliver_sync(&entry.inbox, stanza.kind().as_str(), move || {
                        (handler.lock().unwrap_or_else(PoisonError::into_inner))(&stanza)
                    });
                }
                Handler::Async(handler) => {
                    let handler = Arc::clone(handler);
                    dispatcher.deliver(&entry.inbox, stanza.kind().as_str(), move || {
                        handler(stanza)
                    });
                }
                Handler::Actor(deliver) => deliver(dispatcher, stanza),
                Handler::Request(_) | Handler::ActorRequest(_) => {}
            }
        }
        None
    }

    /// Exactly one plugin answers a request; without one, or when the sender may not ask it, it is refused
    /// (RFC 6120 §8.4, §10.5.2).
    fn deliver_request(
        &self,
        dispatcher: &mut Dispatcher,
        stanza: Stanza,
        identity: &Identity,
    ) -> Option<Outgoing> {
        let entry = {
            let type_ = stanza.type_();
            let type_ = match type_.as_deref() {
                Some("get") => "get",
                Some("set") => "set",
                // An answer that nobody waits for, or nonsense, is never answered (RFC 6120 §8.2.3).
                _ => return None,
            };
            let ns = stanza
                .root()
                .children()
                .next()
                .map_or("", |payload| payload.ns())
                .to_owned();
            let origin = Origin::new(stanza.from());
            self.requests
                .get(&(type_, ns))
                .filter(|entry| self.admits(entry, &stanza, &origin, identity))
        };
        let Some(entry) = entry else {
            return Outgoing::error_for(&stanza, &Condition::ServiceUnavailable.into());
        };
        // Answered even if the handler panics: an error goes out when this is dropped half-way.
        let mut pending = PendingAnswer::new(stanza, self.send_reply.clone());
        match &entry.handler {
            Handler::Request(handler) => {
                let handler = Arc::clone(handler);
                dispatcher.deliver(&entry.inbox, "iq", move || async move {
                    let answer = handler(pending.request()).await;
                    pending.answer(&answer).await;
                    Ok(())
                });
            }
            Handler::ActorRequest(deliver) => deliver(dispatcher, pending),
            Handler::Sync(_) | Handler::Async(_) | Handler::Actor(_) => {}
        }
        None
    }
}

/// What a batch holds.
enum Item {
    Stanza(Stanza),
    /// An answer somebody waits for, which keeps its place among the stanzas.
    Reply(Box<dyn FnOnce(&mut Dispatcher) + Send>),
}

/// Stanzas in the order in which they came.
pub(crate) struct Batch {
    identity: Identity,
    items: Vec<Item>,
}

impl Batch {
    pub(crate) fn new(identity: Identity) -> Self {
        Self {
            identity,
            items: Vec::new(),
        }
    }

    pub(crate) fn push_stanza(&mut self, stanza: Stanza) {
        self.items.push(Item::Stanza(stanza));
    }

    pub(crate) fn push_reply(&mut self, deliver: impl FnOnce(&mut Dispatcher) + Send + 'static) {
        self.items.push(Item::Reply(Box::new(deliver)));
    }
}
